import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Backend, Initializers, Key, Kind, Layers, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { failure } from "../../support/failure.ts"

const key = Key.make(5)
const run = (program: () => void) =>
  Effect.provide(leavesNoTensor(Backend.tensors("descriptions", program)), Backend.layerWasm)

const { dense } = Layers

const values = (tree: Tree.Tree) => Tree.entries(tree).map(([path, x]) => [path, x.shape, x.dataSync()])

const initializers: { readonly [name: string]: Initializers.Initializer } = {
  constant: Initializers.constant(2),
  glorotNormal: Initializers.glorotNormal,
  glorotUniform: Initializers.glorotUniform,
  heNormal: Initializers.heNormal,
  heUniform: Initializers.heUniform,
  lecunNormal: Initializers.lecunNormal,
  lecunUniform: Initializers.lecunUniform,
  normal: Initializers.normal({ mean: 1 }),
  ones: Initializers.ones,
  orthogonal: Initializers.orthogonal(),
  truncatedNormal: Initializers.truncatedNormal(),
  uniform: Initializers.uniform({ high: 3 }),
  zeros: Initializers.zeros
}

describe("initializers", () => {
  it.effect("in descriptions are built to the same", () =>
    run(() => {
      for (const [name, kernelInitializer] of Object.entries(initializers)) {
        // Of no default, so that it is written.
        const layer = Layers.conv2dTranspose({ filters: 3, kernelSize: 2, kernelInitializer })
        const description = Result.getOrThrow(Layers.describe(layer))
        assert.strictEqual((description.options!.kernelInitializer as { readonly kind: string }).kind, name)
        const built = Result.getOrThrow(Layers.build(Layers.kinds)(JSON.parse(JSON.stringify(description))))
        const [a, b] = [layer, built].map((layer: Layers.Any) => Result.getOrThrow(layer.init(key, [4, 4, 2])))
        assert.deepStrictEqual(values(b!.params), values(a!.params), name)
      }
    }))

  it("are all in the list, or there is a reason", () => {
    const reasons = {
      xavierNormal: "is glorotNormal",
      xavierUniform: "is glorotUniform",
      fans: "is no initializer",
      initializer: "is the type of an option",
      kind: "makes kinds"
    }
    assert.deepStrictEqual(
      [...Object.keys(initializers), ...Object.keys(reasons)].sort(),
      Object.keys(Initializers).sort()
    )
  })

  it("of one's own have no description, unless they are of a kind of one's own", () => {
    const own = Layers.named({ head: dense(1, { kernelInitializer: (_, shape) => tf.ones([...shape]) }) })
    assert.strictEqual(
      failure(Layers.describe(own)),
      "children.head.options.kernelInitializer: expected an initializer of a kind, found a function of one's own"
    )
    const diagonal = Initializers.kind("diagonal", {
      options: { value: { type: Kind.finite, default: 1 } },
      make: ({ value }) => (_, [rows, columns]) => tf.mul(tf.eye(rows!, columns!), value)
    })
    const layer = dense(1, { kernelInitializer: diagonal({ value: 2 }) })
    const json = Result.getOrThrow(Layers.describe(layer))
    assert.strictEqual(Result.getOrThrow(Layers.build([dense, diagonal])(json)).name, layer.name)
    assert.strictEqual(
      failure(Layers.build([dense, Initializers.zeros])(json)),
      `options.kernelInitializer.kind: expected one of the kinds of an initializer that are given (zeros), found "diagonal"`
    )
  })
})
