import { assert, describe, it } from "@effect/vitest"
import { NdArray } from "effect-neuron"
import { columnsOf, edgesOf, strength } from "../../dashboard/app/network/graph.ts"
import { layoutOf } from "../../dashboard/app/network/layout.ts"

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
const columns = columnsOf(input, outputs, weights, most)

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
    const [, wide] = columnsOf(zeros([1, 2]), [["wide", zeros([1, 100])]], {
      "params.wide.kernel": zeros([2, 100])
    }, most)
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
    const dense = columnsOf(input, [["head", zeros([1, 3])]], { "params.head.kernel": kernel }, most)
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
