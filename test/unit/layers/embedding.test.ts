import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Autodiff, Backend, Key, Layers } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { assertClose, randomTensor, toTensor } from "../../support/numbers.ts"
import { reference } from "../../support/reference.ts"

const key = Key.make(41), mode = { training: true, key }

for (const [backend, backendLayer] of backends) {
  describe(`embedding on ${backend}`, () => {
    const tensors = (program: () => void) => leavesNoTensor(Backend.tensors("embedding", program))
    const run = (program: () => void) => Effect.provide(tensors(program), backendLayer)

    it.effect("has the vectors and the gradient of the reference", () =>
      run(() => {
        const c = reference("layers").find(({ name }) => name === "embedding")!
        const layer = Layers.embedding({ size: c.config.vocabulary, features: c.config.units })
        const ids = toTensor(c.input, "int32")
        const { aux, grads } = Autodiff.valueAndGrad((table: Tensor) => {
          const [y] = layer.apply({ table }, {}, ids, mode)
          return [tf.sum(tf.mul(y, toTensor(c.gradOutput))), y] as const
        })(toTensor(c.params["table"]!))
        assertClose(aux, c.output, 0)
        assertClose(grads, c.gradParams["table"]!)
        const { output, params } = Result.getOrThrow(layer.init(key, c.input.shape.slice(1)))
        assert.deepStrictEqual(output, c.output.shape.slice(1))
        assert.deepStrictEqual(params.table.shape, [11, 4])
      }))

    it.effect("takes the label of an example, as int32 or as whole floats", () =>
      run(() => {
        const layer = Layers.embedding({ size: 3, features: 2 })
        const { output, params } = Result.getOrThrow(layer.init(key, []))
        assert.deepStrictEqual(output, [2])
        const [y] = layer.apply(params, {}, tf.tensor1d([2, 0], "int32"), mode)
        assert.deepStrictEqual(y.shape, [2, 2])
        assertClose(layer.apply(params, {}, tf.tensor1d([2, 0]), mode)[0], y, 0)
      }))

    for (const id of [3, -1]) {
      it.effect(`fails for id ${id} of 3`, () => {
        const layer = Layers.embedding({ size: 3, features: 2 })
        const program = tensors(() =>
          layer.apply({ table: randomTensor(1, [3, 2]) }, {}, tf.tensor1d([0, id], "int32"), mode)
        )
        return Effect.provide(
          Effect.flip(program).pipe(
            Effect.map(({ message }) => assert.include(message, `embedding expects ids from 0 to 2, got ${id}`))
          ),
          backendLayer
        )
      })
    }
  })
}

describe("embedding", () => {
  it.effect("starts with values of deviation 1, the same for the same key", () =>
    Effect.provide(
      leavesNoTensor(Backend.tensors("embedding", () => {
        const layer = Layers.embedding({ size: 100, features: 100 })
        const table = (k: Key.Key) => Result.getOrThrow(layer.init(k, [])).params.table
        assert.approximately(tf.moments(table(key)).variance.dataSync()[0]!, 1, 5 * Math.sqrt(2 / 10_000))
        assert.deepStrictEqual(table(key).arraySync(), table(Key.make(41)).arraySync())
        assert.notDeepEqual(table(key).arraySync(), table(Key.make(42)).arraySync())
      })),
      Backend.layerWasm
    ))

  it("infers its types", () => {
    const model = Layers.named({ words: Layers.embedding({ size: 5, features: 2 }), head: Layers.dense(1) })
    expectTypeOf<Layers.Params<typeof model>["words"]>().toEqualTypeOf<{ readonly table: Tensor }>()
    assert.strictEqual(model.name, "named(words: embedding(size 5, features 2), head: dense(1))")
  })
})
