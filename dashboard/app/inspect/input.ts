import type { NdArray } from "effect-neuron"
import { makeStore } from "../state/store.ts"

/** What the model is shown in the views that look into it: an example of the data, or what a person has made. */
export const input = makeStore<{
  readonly example: number
  /** What a person has drawn or written, a batch of one, and for which run. */
  readonly own: { readonly run: string; readonly x: NdArray.HostTree } | undefined
  readonly useOwn: boolean
}>({ example: 0, own: undefined, useOwn: false })
