import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, Layer } from "effect"
import { Backend, Experiment, NdArray, Tree } from "effect-neuron"
import * as Remote from "effect-neuron/remote"
import { edgesOf, strength } from "../../../dashboard/app/network/edges.ts"
import { columnsOf, nameOf } from "../../../dashboard/app/network/graph.ts"
import { layoutOf } from "../../../dashboard/app/network/layout.ts"
import { classifierStages, generatorStages } from "../../../dashboard/app/network/stages.ts"

const most = { units: 8, maps: 4 }
const zeros = (shape: ReadonlyArray<number>) => NdArray.make(new Float32Array(shape.reduce((a, b) => a * b)), shape)

// An image of 4 x 4, a convolution with two filters and a rectifier, pooling, and a dense layer of three units.
const input = zeros([1, 4, 4, 1])
const outputs = [
  ["conv", NdArray.make(new Float32Array(32).fill(-1), [1, 4, 4, 2])],
  ["relu", zeros([1, 4, 4, 2])],
  ["pool", zeros([1, 2, 2, 2])],
  ["flat", zeros([1, 8])],
  ["head", NdArray.make([1, 2, 3], [1, 3])],
  ["", NdArray.make([1, 2, 3], [1, 3])]
] as const
const convKernel = zeros([3, 3, 1, 2]), headKernel = zeros([8, 3])
convKernel.data.set([3, 0, 4, 0], 0)
headKernel.data[2 * 3 + 1] = -5
headKernel.data[1 * 3 + 2] = 1
const weights = {
  "params.conv.kernel": convKernel,
  "params.conv.bias": zeros([2]),
  "params.head.kernel": headKernel
}
const columns = columnsOf(classifierStages(input, outputs, weights), most)

describe("the picture of a network", () => {
  it("has a column for the input and for each layer with weights, which shows what its rectifier gives", () => {
    assert.deepStrictEqual(columns.map(({ kind, path, size }) => [path, kind, size]), [
      ["input", "maps", 1],
      ["conv", "maps", 2],
      ["head", "units", 3]
    ])
    assert.strictEqual(columns[1]!.values[0], 0)
    assert.deepStrictEqual(Array.from(columns[2]!.values), [1, 2, 3])
  })

  it("shows a large layer by units that are spread over it", () => {
    const [, wide] = columnsOf([
      { path: "input", y: zeros([1, 2]) },
      { path: "wide", y: zeros([1, 100]), kernel: zeros([2, 100]) }
    ], most)
    assert.deepStrictEqual(wide!.shown, [0, 14, 28, 42, 57, 71, 85, 99])
  })

  it("has an edge between maps by the norm of what connects them, with its sign", () => {
    const [toConv, toHead] = edgesOf(columns, 100)
    // 3 and 4 in the first filter, nothing in the second: the strongest and the weakest.
    assert.deepStrictEqual(Array.from(toConv!.weights), [1, 0])
    // Channel 0 has inputs 0, 2, 4, 6 of the flattened image and channel 1 the others.
    const found = Array.from(toHead!.weights, (weight, i) => [toHead!.from[i], toHead!.to[i], weight])
      .filter(([, , weight]) => weight !== 0)
    assert.deepStrictEqual(found.map(([from, to]) => [from, to]), [[0, 1], [1, 2]])
    assert.closeTo(found[0]![2]!, -1, 1e-6)
    assert.closeTo(found[1]![2]!, 0.2, 1e-6)
    assert.strictEqual(strength([1, 9, -2, 9, -2], 0, 2, 3), -3)
  })

  it("draws the strongest connections from pixels, and no more than are asked for", () => {
    const kernel = zeros([16, 3])
    kernel.data.forEach((_, i) => kernel.data[i] = (i % 2 === 0 ? 1 : -1) * i)
    const dense = columnsOf([{ path: "input", y: input }, { path: "head", y: zeros([1, 3]), kernel }], most)
    const [edges] = edgesOf(dense, 5)
    assert.isTrue(edges!.byPixel)
    assert.isAtMost(edges!.weights.length, 5)
    assert.isAtLeast(edges!.weights.length, 4)
    assert.strictEqual(Math.min(...edges!.weights), -1)
    for (const weight of edges!.weights) assert.isAbove(Math.abs(weight), 0.8)
  })

  it("finds what is at a point, where the layout says that it is", () => {
    const layout = layoutOf(columns, { layerSpacing: 200, neuronSpacing: 30 })
    columns.forEach(({ shown }, column) =>
      shown.forEach((_, place) => {
        const [x, y] = layout.at(column, place)
        assert.deepStrictEqual(layout.hit(x, y), { column, place })
      })
    )
    assert.strictEqual(layout.hit(100, 0), undefined)
    const { bottom, top } = layout.bounds
    assert.isAbove(layout.at(1, 0)[1], top)
    assert.isBelow(layout.at(1, 1)[1], bottom)
  })
})

layer(Layer.merge(Backend.layerWasm, NodeServices.layer))("the picture of a generator and its critic", (it) => {
  const pictureOf = (model: "mlp" | "cnn") =>
    Effect.gen(function*() {
      const { generator } = Experiment
      const config = yield* Experiment.parse("generator", generator.config, { model, conditional: true })
      const training = yield* Remote.trainingOf(yield* generator.open(config))
      const asked = { x: zeros([1, config.latent]), y: NdArray.make(Int32Array.of(3), [1]) }
      const weights = Tree.entries(yield* training.state).map(([path, x]) => {
        const tensor = x as unknown as { readonly dataSync: () => Float32Array; readonly shape: Array<number> }
        return [path, NdArray.make(tensor.dataSync().slice(), tensor.shape)] as const
      })
      const kernels = Object.fromEntries(weights)
      return { kernels, columns: columnsOf(generatorStages(yield* training.activations!(asked), kernels), most) }
    })

  it.effect("leads from noise to an image, whose pixels the critic weighs, and to a score", () =>
    Effect.gen(function*() {
      const { columns, kernels } = yield* pictureOf("mlp")
      assert.deepStrictEqual(columns.map((column) => [nameOf(column), column.kind, column.size]), [
        ["generator noise, class", "units", 74],
        ["generator hidden1", "units", 128],
        ["generator hidden2", "units", 256],
        ["generator head", "maps", 1],
        ["critic hidden1", "units", 256],
        ["critic hidden2", "units", 128],
        ["critic head", "units", 1]
      ])
      const edges = edgesOf(columns, 400), toHead = edges[2]!, toCritic = edges[3]!
      const head = kernels["generator.params.network.head.kernel"]!
      const found = Array.from(toHead.from, (place) => strength(head.data, columns[2]!.shown[place]! * 784, 1, 784))
      const greatest = Math.max(...columns[2]!.shown.map((unit) => Math.abs(strength(head.data, unit * 784, 1, 784))))
      found.forEach((value, i) => assert.closeTo(toHead.weights[i]!, value / greatest, 1e-6))
      // Image and map of the label take turns in what the critic is given.
      assert.isTrue(toCritic.byPixel)
      const critic = kernels["critic.params.network.hidden1.kernel"]!
      assert.deepStrictEqual(critic.shape, [2 * 784, 256])
      assert.strictEqual(columns[4]!.kernel!.data[5 * 256 + 7], critic.data[2 * 5 * 256 + 7])
    }).pipe(Effect.scoped))

  it.effect("shows what a generator grows as maps, connected as its transposed kernels are", () =>
    Effect.gen(function*() {
      const { columns, kernels } = yield* pictureOf("cnn")
      assert.deepStrictEqual(columns.map(({ height, kind, path, size }) => [path, kind, height, size]), [
        ["noise, class", "units", 1, 74],
        ["seed", "maps", 7, 64],
        ["grow1", "maps", 14, 32],
        ["grow2", "maps", 28, 1],
        ["shrink1", "maps", 14, 32],
        ["shrink2", "maps", 7, 64],
        ["head", "units", 1, 1]
      ])
      const grow = kernels["generator.params.network.grow1.kernel"]!
      assert.deepStrictEqual(grow.shape, [4, 4, 32, 64])
      assert.deepStrictEqual(columns[2]!.kernel!.shape, [4, 4, 64, 32])
      // From map 9 to map 5, at the seventh place of the kernel.
      assert.strictEqual(columns[2]!.kernel!.data[(7 * 64 + 9) * 32 + 5], grow.data[(7 * 32 + 5) * 64 + 9])
      assert.isTrue(edgesOf(columns, 100).every((edges) => edges !== undefined))
    }).pipe(Effect.scoped))
})
