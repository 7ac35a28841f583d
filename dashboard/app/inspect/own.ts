import type { NdArray } from "effect-neuron"
import { session } from "../state/session.ts"
import { input } from "./input.ts"

/** Shows the model what a person has made, a batch of one. */
export const show = (x: NdArray.HostTree): void => {
  const { run } = session.get()
  if (run !== undefined) input.set({ own: { run, x }, useOwn: true })
}

/** Goes back to the example that was shown before. */
export const clear = (): void => input.set({ own: undefined, useOwn: false })
