import type { NdArray } from "effect-neuron"
import { makeStore } from "../state/store.ts"

/** What the model is shown in the views that look into it: a test example, or what a person has drawn. */
export const input = makeStore<{
  readonly example: number
  readonly drawing: NdArray.NdArray | undefined
  readonly useDrawing: boolean
}>({ example: 0, drawing: undefined, useDrawing: false })
