import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Autodiff, Backend, Key, Layers, Tree } from "effect-neuron"
import { vi } from "vitest"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

const key = Key.make(11), mode = { training: true, key }
const { conv2d, dense, leakyRelu, relu } = Layers
const conv = conv2d({ filters: 3, kernelSize: 3 }), head = dense(4)

const chain = Layers.sequence(["conv", conv], ["relu", relu], ["head", head], ["leaky", leakyRelu()])
const graph = Layers.graph({ inputs: "x" }, ["conv", conv], ["relu", relu], ["head", head], ["leaky", leakyRelu()])
/** An activation of the same values that no layer runs as one with. */
const apart = (layer: Layers.Layer<{}, {}>) => Layers.make<{}, {}>({ ...layer, fusion: undefined, name: "apart" })
const unfused = Layers.graph(
  { inputs: "x" },
  ["conv", conv],
  ["relu", apart(relu)],
  ["head", head],
  ["leaky", apart(leakyRelu())]
)

const bits = (tree: Tree.Tree) => Tree.entries(tree).map(([path, x]) => [path, x.shape, Array.from(x.dataSync())])

/** What a layer gives, and the gradients by its parameters and its input. */
const found = (layer: Layers.Any, own: Tree.Tree, state: Tree.Tree, x: Tensor) => {
  const { aux, grads } = Autodiff.valueAndGrad((p: { readonly own: Tree.Tree; readonly x: Tensor }) => {
    const [y, next] = layer.apply(p.own, state, p.x, mode) as [Tensor, Tree.Tree]
    assert.deepStrictEqual(next, state)
    return [tf.sum(tf.square(y)), y] as const
  })({ own, x })
  return { grads, y: aux }
}

for (const [backend, backendLayer] of backends) {
  describe(`layers that run as one with an activation on ${backend}`, () => {
    const run = (program: () => void) =>
      Effect.provide(leavesNoTensor(Backend.tensors("fusion", program)), backendLayer)

    it.effect("give the same in a graph as in a sequence, to the bit, and as one after the other", () =>
      run(() => {
        const { params, state } = Result.getOrThrow(graph.init(key, [4, 4, 2]))
        const x = randomTensor(1, [2, 4, 4, 2])
        const inGraph = found(graph, params, state, x)
        assert.deepStrictEqual(bits(inGraph), bits(found(chain, params, state, x)))
        const separate = bits(found(unfused, params, state, x)) as Array<[string, ReadonlyArray<number>, Array<number>]>
        for (const [i, [path, shape, data]] of separate.entries()) {
          assertClose(Tree.leaves(inGraph)[i]!, { shape, data }, 1e-5, path)
        }
      }))

    it.effect("are seen one by one by whoever observes, and stay as they are where they are frozen", () =>
      run(() => {
        const { params, state } = Result.getOrThrow(graph.init(key, [4, 4, 2]))
        const x = randomTensor(1, [2, 4, 4, 2])
        const seen = Layers.activations(graph, params, state, x) as ReadonlyArray<readonly [string, Tensor]>
        assert.deepStrictEqual(seen.map(([path]) => path), ["conv", "relu", "head", "leaky", ""])
        assert.isBelow(tf.min(seen[0]![1]).dataSync()[0]!, 0)
        assert.deepStrictEqual(bits(tf.relu(seen[0]![1])), bits(seen[1]![1]))
        const { grads, y } = found(graph, params, state, x)
        assertClose(y, seen.at(-1)![1], 1e-5)
        const frozen = found(Layers.frozen(graph), params, state, x)
        assert.deepStrictEqual(bits(frozen.y), bits(y))
        assert.deepStrictEqual(bits(frozen.grads.x), bits(grads.x))
        for (const g of Tree.leaves(frozen.grads.own)) assert.isTrue(g.dataSync().every((value) => value === 0))
      }))
  })
}

describe("a graph", () => {
  const pass = ["x", Layers.identity] as const
  const shapes: ReadonlyArray<readonly [what: string, model: Layers.Any, fused: boolean]> = [
    ["the next node", Layers.graph({ inputs: "in" }, pass, ["a", dense(3)], ["b", relu]), true],
    [
      "a node further on",
      Layers.graph({ inputs: "in" }, pass, ["a", dense(3)], ["other", dense(3), "x"], ["b", relu, "a"], [
        "sum",
        Layers.add("0", "1"),
        ["b", "other"]
      ]),
      true
    ],
    [
      "a node that is taken twice",
      Layers.graph({ inputs: "in" }, ["a", dense(3)], ["b", relu], ["sum", Layers.add("0", "1"), ["a", "b"]]),
      false
    ],
    [
      "a node that is taken by two activations",
      Layers.graph({ inputs: "in" }, ["a", dense(3)], ["b", relu], ["c", relu, "a"], [
        "sum",
        Layers.add("0", "1"),
        ["b", "c"]
      ]),
      false
    ],
    ["an output", Layers.graph({ inputs: "in", outputs: ["a", "b"] }, ["a", dense(3)], ["b", relu]), false],
    ["another activation", Layers.graph({ inputs: "in" }, ["a", dense(3)], ["b", Layers.tanh]), false],
    ["a layer that is not made for it", Layers.graph({ inputs: "in" }, ["a", Layers.layerNorm()], ["b", relu]), false],
    [
      "a copy with another function",
      Layers.graph({ inputs: "in" }, ["a", { ...dense(3), apply: dense(3).apply }], [
        "b",
        relu
      ]),
      false
    ]
  ]
  for (const [what, model, fused] of shapes) {
    it.effect(`${fused ? "runs" : "does not run"} an activation with ${what}`, () =>
      Backend.tensors("kernels", () => {
        const { params, state } = Result.getOrThrow(model.init(key, [3])), x = randomTensor(1, [2, 3])
        const kernels = vi.spyOn(tf.engine(), "runKernel")
        try {
          assert.deepStrictEqual(model.apply(params, state, x, mode)[1], state)
          assert.strictEqual(kernels.mock.calls.some(([name]) => name === "RectifiedDense"), fused)
        } finally {
          kernels.mockRestore()
        }
      }).pipe(leavesNoTensor, Effect.provide(Backend.layerWasm)))
  }

  it("is described as it was written", () => {
    const model = Layers.graph({ inputs: "in" }, ["a", dense(3)], ["b", relu])
    assert.strictEqual(model.name, "graph(a: dense(3), b: relu)")
    const json = Result.getOrThrow(Layers.describe(model))
    assert.deepStrictEqual(Object.keys(json.children!), ["a", "b"])
  })
})
