import { assert, layer } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Backend, Errors, Key, Layers, Losses, NdArray, Optimizers, Train, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"

const batch = (n: number, size = n) => ({
  x: NdArray.make(Float32Array.from({ length: n * 4 }, (_, i) => i % 3), [n, 4]),
  y: NdArray.make(new Float32Array(n), [n, 1]),
  size
})

layer(Backend.layerWasm)("a batch of no examples", (it) => {
  it.effect("is a DataError, and the state is as it was", () =>
    leavesNoTensor(Effect.scoped(Effect.gen(function*() {
      const optimizer = Optimizers.adam(0.1)
      for (const norm of [Layers.batchNorm(), Layers.groupNorm({ groups: 2 })]) {
        const model = Layers.named({ a: Layers.dense(4), norm, head: Layers.dense(1) })
        const step = Train.supervised({ model, optimizer, loss: Losses.meanSquaredError })
        const trainer = yield* Train.make(Train.init({ model, optimizer, input: [4], key: Key.make(1) }), step)
        const values = Effect.map(trainer.state, (state) => Tree.leaves(state).map((x) => Array.from(x.dataSync())))
        yield* Stream.runDrain(trainer.run(Stream.make(batch(3))))
        const before = yield* values
        // The second says that there are some.
        for (const [empty, size] of [[batch(0), 0], [batch(0, 3), 3]] as const) {
          const error = yield* Effect.flip(Stream.runDrain(trainer.run(Stream.make(empty))))
          assert.instanceOf(error, Errors.DataError, String(size))
          assert.strictEqual(
            error.message,
            "train step 2, batch x [0, 4] y [0, 1]: expected at least one example, found a batch of none"
          )
          assert.deepStrictEqual(yield* values, before)
        }
        yield* Stream.runDrain(trainer.run(Stream.make(batch(3))))
      }
    }))))
})
