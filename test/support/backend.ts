import { assert } from "@effect/vitest"
import { memory } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend } from "effect-neuron"

/** The backends that numbers are checked on; the second has kernels of its own and none of ours. */
export const backends = [["wasm", Backend.layerWasm], ["cpu", Backend.layerCpu]] as const

/** Runs an effect and fails when it leaves a tensor behind, however it ends. */
export const leavesNoTensor = <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R> =>
  Effect.suspend(() => {
    const before = memory().numTensors
    return Effect.onExit(
      effect,
      () => Effect.sync(() => assert.strictEqual(memory().numTensors, before, "tensors left behind"))
    )
  })
