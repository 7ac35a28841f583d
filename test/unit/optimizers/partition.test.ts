import { assert, layer } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Backend, Key, Optimizers, Random, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"

type Params = {
  readonly body: { readonly conv: { readonly kernel: tf.Tensor }; readonly norm: { readonly scale: tf.Tensor } }
  readonly bodyguard: tf.Tensor
  readonly head: ReadonlyArray<tf.Tensor>
}

const random = (seed: number, shape: ReadonlyArray<number>): tf.Tensor =>
  tf.tensor(Random.normal(Key.make(seed), shape.reduce((a, b) => a * b, 1)), [...shape])

const tree = (seed: number): Params => ({
  body: { conv: { kernel: random(seed, [3, 4]) }, norm: { scale: random(seed + 1, [4]) } },
  bodyguard: random(seed + 2, [2]),
  head: [random(seed + 3, [4, 2]), random(seed + 4, [2])]
})

const values = (tree: Tree.Tree) => Tree.leaves(tree).map((leaf) => Array.from(leaf.dataSync()))

/** The parameters after some steps, by `applyGradients` or by `update` and `applyUpdates`. */
const descend = <P extends Tree.Tree>(
  optimizer: Optimizers.GradientTransformation,
  params: P,
  gradients: ReadonlyArray<P>,
  atOnce: boolean
): P => {
  let state = optimizer.init(params), at = params
  for (const gradient of gradients) {
    if (atOnce) [at, state] = Optimizers.applyGradients(optimizer, gradient, state, at)
    else {
      const [updates, next] = optimizer.update(gradient, state, at)
      at = Optimizers.applyUpdates(at, updates)
      state = next
    }
  }
  return at
}

layer(Backend.layerWasm)("groups of parameters", (it) => {
  const gradients = () => Array.from({ length: 4 }, (_, i) => tree(100 + 10 * i))

  it.effect("are each updated as if they were alone, at once or in two passes", () =>
    Backend.tensors("test", () => {
      const adam = Optimizers.adam(0.1), momentum = Optimizers.sgd(0.5, { momentum: 0.9 })
      const clipped = Optimizers.chain(Optimizers.clipByGlobalNorm(0.1), Optimizers.sgd(1))
      const optimizer = Optimizers.partition({ body: adam, "body.norm": momentum, "*": clipped })
      const params = tree(1)
      for (const atOnce of [true, false]) {
        const alone = (optimizer: Optimizers.GradientTransformation, pick: (tree: Params) => Tree.Tree) =>
          values(descend(optimizer, pick(params), gradients().map(pick), atOnce))
        const together = descend(optimizer, params, gradients(), atOnce)
        assert.deepStrictEqual(values(together.body.conv), alone(adam, ({ body }) => body.conv))
        assert.deepStrictEqual(values(together.body.norm), alone(momentum, ({ body }) => body.norm))
        assert.deepStrictEqual(
          values([together.bodyguard, together.head]),
          alone(clipped, ({ bodyguard, head }) => [bodyguard, head])
        )
      }
    }).pipe(leavesNoTensor))

  it.effect("are named in the state by the paths of their parameters", () =>
    Backend.tensors("test", () => {
      const { init } = Optimizers.partition({ body: Optimizers.adam(0.1), "*": Optimizers.freeze })
      assert.deepStrictEqual(Tree.entries(init(tree(1))).map(([path]) => path), [
        "body.first.body.conv.kernel",
        "body.first.body.norm.scale",
        "body.second.body.conv.kernel",
        "body.second.body.norm.scale"
      ])
    }).pipe(leavesNoTensor))

  it.effect("are found by a function of path and parameter", () =>
    Backend.tensors("test", () => {
      const optimizer = Optimizers.partition({ matrix: Optimizers.sgd(1), other: Optimizers.freeze }, {
        by: (path, param) => param.rank === 2 && path !== "head.0" ? "matrix" : "other"
      })
      const params = tree(1), [gradient] = gradients(), next = descend(optimizer, params, [gradient!], true)
      assert.deepStrictEqual(
        values(next.body.conv),
        values({ kernel: tf.sub(params.body.conv.kernel, gradient!.body.conv.kernel) })
      )
      assert.strictEqual(next.head[0], params.head[0])
      assert.strictEqual(next.bodyguard, params.bodyguard)
    }).pipe(leavesNoTensor))

  it.effect("of which something is left over, or which nothing is in, are refused", () =>
    Backend.tensors("test", () => {
      const of = (groups: { readonly [name: string]: Optimizers.GradientTransformation }) => () =>
        Optimizers.partition(groups).init(tree(1))
      const { freeze } = Optimizers
      assert.throws(of({ body: freeze, head: freeze }), RangeError, "bodyguard is below none of body, head")
      assert.throws(
        of({ bodi: freeze, "*": freeze }),
        RangeError,
        "no parameter is below bodi; there are body.conv.kernel"
      )
      assert.throws(
        () => Optimizers.partition({ a: freeze }, { by: () => "b" as "a" }).init(tree(1)),
        RangeError,
        "body.conv.kernel is in the group b, which is none of a"
      )
      const inherited = Optimizers.partition({ body: freeze }, { by: () => "constructor" as "body" })
      assert.throws(() => inherited.init(tree(1)), RangeError, "is in the group constructor, which is none of body")
      assert.throws(() => Optimizers.masked(freeze, ["tail"]).init(tree(1)), RangeError, "no parameter is below tail")
    }).pipe(leavesNoTensor))

  it.effect("a mask leaves the updates of others as they are", () =>
    Backend.tensors("test", () => {
      const params = tree(1), [gradient] = gradients()
      for (
        const masked of [
          Optimizers.masked(Optimizers.addDecayedWeights(0.5), ["body", "head.0"]),
          Optimizers.masked((path) => path.startsWith("body.") || path === "head.0")(Optimizers.addDecayedWeights(0.5))
        ]
      ) {
        const [updates] = masked.update(gradient!, masked.init(params), params)
        const [all] = Optimizers.addDecayedWeights(0.5).update(gradient!, [], params)
        assert.deepStrictEqual(values(updates.body), values(all.body))
        assert.deepStrictEqual(values(updates.head[0]!), values(all.head[0]!))
        assert.deepStrictEqual(
          values([updates.bodyguard, updates.head[1]!]),
          values([gradient!.bodyguard, gradient!.head[1]!])
        )
      }
    }).pipe(leavesNoTensor))

  it.effect("freezing keeps the parameters themselves, in two passes too", () =>
    Backend.tensors("test", () => {
      const params = tree(1), [gradient] = gradients()
      assert.strictEqual(descend(Optimizers.freeze, params, [gradient!], true), params)
      assert.deepStrictEqual(values(descend(Optimizers.freeze, params, [gradient!], false)), values(params))
    }).pipe(leavesNoTensor))
})
