import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Autodiff, Backend, Key, Layers, Optimizers, Tree } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

const mode = { training: true, key: Key.make(0) }

/** Factors that are not what they begin as. */
const moved = (adapter: Layers.Adapter): Layers.Adapter => {
  let seed = 20
  return Tree.map(adapter as Tree.Tree, (x: tf.Tensor) => randomTensor(seed++, x.shape)) as Layers.Adapter
}

const encoder = Layers.transformerEncoder({ layers: 1, features: 4, heads: 2, causal: true })
const adapted = Layers.lora(encoder, { rank: 2, alpha: 3 })

for (const [backend, backendLayer] of backends) {
  describe(`lora on ${backend}`, () => {
    const run = (check: () => void) => Effect.provide(leavesNoTensor(Backend.tensors("lora", check)), backendLayer)

    it.effect("begins as the layer, whose parameters it begins with", () =>
      run(() => {
        const own = Result.getOrThrow(encoder.init(Key.make(1), [3, 4])), x = randomTensor(1, [2, 3, 4])
        const { params, state } = Result.getOrThrow(adapted.init(Key.make(1), [3, 4])), { lora: _, ...rest } = params
        assert.deepStrictEqual(
          Tree.entries(rest).map(([path, p]) => [path, p.arraySync()]),
          Tree.entries(own.params).map(([path, p]) => [path, p.arraySync()])
        )
        const [y] = adapted.apply(params, state, x, mode)
        assert.deepStrictEqual(y.arraySync(), encoder.apply(own.params, own.state, x, mode)[0].arraySync())
      }))

    it.effect("adds alpha / rank times the product of its factors", () =>
      run(() => {
        const model = Layers.lora(Layers.dense(3), { rank: 2, alpha: 5 })
        const { params } = Result.getOrThrow(model.init(Key.make(1), [4])), x = randomTensor(1, [6, 4])
        expectTypeOf(params.kernel).toEqualTypeOf<tf.Tensor>()
        const lora = moved(params.lora), { a, b } = lora["kernel"] as { readonly a: tf.Tensor; readonly b: tf.Tensor }
        assert.deepStrictEqual([a.shape, b.shape], [[4, 2], [2, 3]])
        const [y] = model.apply({ ...params, lora }, {}, x, mode)
        const apart = tf.mul(tf.matMul(tf.matMul(x, a), b), 5 / 2)
        assertClose(y, tf.add(tf.add(tf.matMul(x, params.kernel), params.bias), apart), 1e-5)
      }))

    it.effect("has gradients of its factors alone", () =>
      run(() => {
        const { params, state } = Result.getOrThrow(adapted.init(Key.make(1), [3, 4])), x = randomTensor(1, [2, 3, 4])
        const lora = moved(params.lora)
        const loss = (p: typeof params) => tf.sum(tf.sin(adapted.apply(p, state, x, mode)[0]))
        const { grads } = Autodiff.valueAndGrad((p: typeof params) => [loss(p), 0] as const)({ ...params, lora })
        for (const [path, gradient] of Tree.entries(grads)) {
          assert.strictEqual(Autodiff.hasGradient(gradient), path.startsWith("lora."), path)
        }
        checkGradients((lora) => loss({ ...params, lora: lora as Layers.Adapter }), lora as Tree.Tree)
      }))
  })
}

const onWasm = (check: () => void) => Effect.provide(leavesNoTensor(Backend.tensors("lora", check)), Backend.layerWasm)

const bits = (x: tf.Tensor) => [...x.dataSync()]

describe("lora", () => {
  it.effect("leaves the layer as it is, whatever the optimizer", () =>
    onWasm(() => {
      const optimizer = Optimizers.adamW(0.1), x = randomTensor(1, [2, 3, 4])
      const { params, state } = Result.getOrThrow(adapted.init(Key.make(1), [3, 4]))
      const { grads } = Autodiff.valueAndGrad((p: typeof params) =>
        [tf.sum(tf.sin(adapted.apply(p, state, x, mode)[0])), 0] as const
      )(params)
      const [next] = Optimizers.applyGradients(optimizer, grads, optimizer.init(params), params)
      const changed = Tree.entries(next).filter(([path, p]) =>
        bits(p).some((value, i) => value !== bits(Tree.entries(params).find(([other]) => other === path)![1])[i])
      )
      // Those of b by their gradients, those of a by the decay.
      assert.deepStrictEqual(changed.map(([path]) => path), Tree.entries({ lora: params.lora }).map(([path]) => path))
    }))

  it.effect("is put into the kernels, which give the same to the bit", () =>
    onWasm(() => {
      const { params, state } = Result.getOrThrow(adapted.init(Key.make(1), [3, 4])), x = randomTensor(1, [2, 3, 4])
      const trained = { ...params, lora: moved(params.lora) }, merged = Layers.mergeLora(adapted, trained)
      assert.deepStrictEqual(
        bits(encoder.apply(merged, state, x, mode)[0]),
        bits(adapted.apply(trained, state, x, mode)[0])
      )
      const given = new Set(Tree.leaves(trained as Tree.Tree))
      assert.isTrue(Tree.leaves(merged as Tree.Tree).every((leaf) => !given.has(leaf)))

      const chain = Layers.serial(Layers.dense(3), Layers.relu), both = Layers.lora(chain, { rank: 1 })
      const started = Result.getOrThrow(both.init(Key.make(1), [4])), list = Layers.mergeLora(both, started.params)
      assert.isTrue(Array.isArray(list))
      assert.deepStrictEqual(list[0].kernel.shape, [4, 3])
    }))

  it.effect("goes on over time as the layer does, to the bit", () =>
    onWasm(() => {
      const going = Layers.stateful(adapted),
        { params, state } = Result.getOrThrow(adapted.init(Key.make(1), [null, 4]))
      const trained = { ...params, lora: moved(params.lora) }, x = randomTensor(1, [2, 5, 4])
      const [whole] = adapted.apply(trained, state, x, mode)
      const [first, next] = going.apply(trained, state, tf.slice(x, [0, 0], [2, 3]), mode)
      const [second] = going.apply(trained, next, tf.slice(x, [0, 3], [2, 2]), mode)
      assert.deepStrictEqual(bits(tf.concat([first, second], 1)), bits(whole))
    }))

  it.effect("is of the kernels that are asked for", () =>
    onWasm(() => {
      const pathsOf = (targets: ReadonlyArray<string>) =>
        Tree.entries(
          Result.getOrThrow(Layers.lora(encoder, { rank: 1, targets }).init(Key.make(1), [3, 4])).params
            .lora as Tree.Tree
        ).map(([path]) => path).filter((path) => path.endsWith("a"))
      assert.deepStrictEqual(pathsOf(["qkv"]), ["block0.attention.qkv.kernel.a"])
      assert.deepStrictEqual(pathsOf(["feedForward"]), [
        "block0.feedForward.hidden.kernel.a",
        "block0.feedForward.output.kernel.a"
      ])
      const refusal = (layer: Layers.Any, options: Layers.LoraOptions) =>
        Result.getFailure(Layers.lora(layer, options).init(Key.make(1), [3])).valueOrUndefined?.message
      assert.strictEqual(
        refusal(Layers.dense(2), { rank: 1, targets: ["qkv", "kv"] }),
        "lora expects a layer with kernels of qkv, kv and no adapter, got dense(2)"
      )
      assert.strictEqual(
        refusal(Layers.relu, { rank: 1 }),
        "lora expects a layer with kernels and no adapter, got relu"
      )
      assert.include(
        refusal(Layers.lora(Layers.dense(2), { rank: 1 }), { rank: 1 }),
        "and no adapter, got lora(dense(2), 1)"
      )
    }))
})
