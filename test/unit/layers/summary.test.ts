import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Backend, Initializers, Key, Layers, Tree } from "effect-neuron"
import type { Shape } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"

const model = Layers.named({
  conv1: Layers.conv2d({ filters: 4, kernelSize: 3, strides: 2 }),
  block: Layers.residual(Layers.serial(Layers.conv2d({ filters: 4, kernelSize: 3, bias: false }), Layers.batchNorm())),
  branches: Layers.parallel({
    a: Layers.spectralNorm(Layers.conv2d({ filters: 2, kernelSize: 1 })),
    b: Layers.named({ grown: Layers.conv2dTranspose({ filters: 3, kernelSize: 2 }), relu: Layers.relu })
  }),
  pool: Layers.globalAvgPool2d,
  head: Layers.frozen(Layers.dense(10))
})

const summary = (model: Layers.Any, input: Shape.ShapeTree) =>
  Layers.summary(model, input as Shape.Shape).pipe(leavesNoTensor)

const provided = <A, E>(effect: Effect.Effect<A, E, Backend.Backend>) => Effect.provide(effect, Backend.layerWasm)

describe("the summary of a model", () => {
  it.effect("has its layers at every depth, with their shapes, parameters, bytes and multiply-adds", () =>
    Effect.gen(function*() {
      const { bytes, multiplyAdds, parameters, rows } = yield* summary(model, [9, 8, 3])
      assert.deepStrictEqual(
        rows.map((
          { depth, isGroup, multiplyAdds, name, output, parameters, path }
        ) => [path, depth, isGroup, name, output, parameters, multiplyAdds]),
        [
          ["conv1", 0, false, "conv2d(4, 3x3, strides 2x2)", [5, 4, 4], 3 * 3 * 3 * 4 + 4, 20 * 3 * 3 * 3 * 4],
          ["block", 0, true, "residual(serial)", [5, 4, 4], 3 * 3 * 4 * 4 + 8, 20 * 3 * 3 * 4 * 4 + 80],
          ["block.0", 1, false, "conv2d(4, 3x3, no bias)", [5, 4, 4], 3 * 3 * 4 * 4, 20 * 3 * 3 * 4 * 4],
          ["block.1", 1, false, "batchNorm", [5, 4, 4], 8, 80],
          ["branches", 0, true, "parallel", [5, 4, 5], 10 + 51, 20 * 8 + 20 * 48],
          ["branches.a", 1, false, "spectralNorm(conv2d(2, 1x1))", [5, 4, 2], 10, 20 * 8],
          ["branches.b", 1, true, "named", [5, 4, 3], 51, 20 * 48],
          ["branches.b.grown", 2, false, "conv2dTranspose(3, 2x2)", [5, 4, 3], 51, 20 * 48],
          ["branches.b.relu", 2, false, "relu", [5, 4, 3], 0, 0],
          ["pool", 0, false, "globalAvgPool2d", [5], 0, 0],
          ["head", 0, false, "frozen(dense(10))", [10], 60, 50]
        ]
      )
      assert.deepStrictEqual(rows.map(({ input }) => input)[1], [5, 4, 4])
      const whole = yield* Backend.tensors("count", () => {
        const { params, state } = Result.getOrThrow(model.init(Key.make(3), [9, 8, 3]))
        const count = (tree: Tree.Tree) => Tree.leaves(tree).reduce((sum, { size }) => sum + size, 0)
        return { parameters: count(params), bytes: 4 * count({ params, state }) }
      })
      assert.deepStrictEqual({ parameters, bytes }, whole)
      const leaves = rows.filter(({ isGroup }) => !isGroup)
      assert.strictEqual(parameters, leaves.reduce((sum, row) => sum + row.parameters, 0))
      assert.strictEqual(multiplyAdds, leaves.reduce((sum, row) => sum + row.multiplyAdds!, 0))
    }).pipe(provided))

  it.effect("says what is not known where dimensions are not, and where a layer does not say", () =>
    Effect.gen(function*() {
      const open = yield* summary(model, [null, 8, 3])
      assert.strictEqual(open.multiplyAdds, null)
      assert.strictEqual(open.parameters, (yield* summary(model, [9, 8, 3])).parameters)
      assert.deepStrictEqual(
        open.rows.map(({ multiplyAdds, output }) => [output, multiplyAdds]).slice(-2),
        [[[5], 0], [[10], 50]]
      )
      const scale = (rest: object): Layers.Any =>
        Layers.stateless<{ readonly factor: tf.Tensor }>({
          name: "scale(2)",
          init: (_, input) => Result.succeed({ params: { factor: tf.ones([3]) }, output: input }),
          apply: ({ factor }, x) => tf.mul(x, factor),
          ...rest
        })
      const own = yield* summary(Layers.serial(scale({}), scale({ multiplyAdds: () => 7 }), Layers.relu), [3])
      assert.deepStrictEqual(own.rows.map(({ multiplyAdds, name }) => [name, multiplyAdds]), [
        ["scale(2)", null],
        ["scale(2)", 7],
        ["relu", 0]
      ])
      assert.strictEqual(own.multiplyAdds, null)
      assert.strictEqual(own.parameters, 6)
      // A copy with an `init` of its own is what that says, and not what its description says.
      const copy: Layers.Any = { ...Layers.serial(Layers.dense(2)), init: Layers.relu.init }
      assert.deepStrictEqual(
        (yield* summary(Layers.serial(copy), [3])).rows.map(({ isGroup, name, output }) => [name, output, isGroup]),
        [["serial(dense(2))", [3], false]]
      )
    }).pipe(provided))

  it.effect("of several inputs, of one layer, and of a graph", () =>
    Effect.gen(function*() {
      const several = Layers.sequence(
        ["inputs", Layers.each({ x: Layers.identity, y: Layers.embedding({ size: 10, features: 8 }) })],
        ["joined", Layers.concatenate("x", "y")],
        ["head", Layers.dense(1)]
      )
      const { multiplyAdds, rows } = yield* summary(several, { x: [32], y: [] })
      assert.deepStrictEqual(rows.map(({ output, path }) => [path, output]), [
        ["inputs", { x: [32], y: [8] }],
        ["inputs.x", [32]],
        ["inputs.y", [8]],
        ["joined", [40]],
        ["head", [1]]
      ])
      assert.strictEqual(multiplyAdds, 40)
      const one = yield* summary(Layers.dense(2, { kernelInitializer: Initializers.zeros }), [3])
      assert.deepStrictEqual(one.rows.map(({ depth, path }) => [path, depth]), [["", 0]])
      const graph = Layers.graph({ inputs: "x" }, ["a", Layers.dense(4)], ["b", Layers.concatenate("0", "1"), [
        "a",
        "x"
      ]])
      assert.deepStrictEqual((yield* summary(graph, [3])).rows.map(({ output, path }) => [path, output]), [
        ["a", [4]],
        ["b", [7]]
      ])
      const merged = Layers.graph({ inputs: "x" }, ["a", Layers.dense(3)], ["b", Layers.add("0", "1"), ["a", "x"]])
      const last = (yield* summary(merged, [3])).rows.at(-1)!
      assert.deepStrictEqual([last.name, last.output, last.multiplyAdds], ["add(0, 1)", [3], 0])
    }).pipe(provided))

  it.effect("fails where a layer cannot take what it is given, and leaves no tensor then either", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(summary(Layers.named({ a: Layers.dense(4), b: Layers.maxPool2d(2) }), [3]))
      assert.strictEqual(error._tag, "ShapeError")
      assert.strictEqual(error.message, "b (maxPool2d) expects [height, width, channels], got [4]")
    }).pipe(provided))
})

describe("a summary as a table", () => {
  it.effect("is indented, right-aligned, and as wide as the terminal at most", () =>
    Effect.gen(function*() {
      const found = yield* summary(model, [null, 8, 3])
      assert.deepStrictEqual(Layers.formatSummary(found).split("\n"), [
        "layer      kind                          output     parameters  multiply-adds",
        "─────────────────────────────────────────────────────────────────────────────",
        "conv1      conv2d(4, 3x3, strides 2x2)   [?, 4, 4]         112              ?",
        "block      residual(serial)              [?, 4, 4]",
        "  0        conv2d(4, 3x3, no bias)       [?, 4, 4]         144              ?",
        "  1        batchNorm                     [?, 4, 4]           8              ?",
        "branches   parallel                      [?, 4, 5]",
        "  a        spectralNorm(conv2d(2, 1x1))  [?, 4, 2]          10              ?",
        "  b        named                         [?, 4, 3]",
        "    grown  conv2dTranspose(3, 2x2)       [?, 4, 3]          51              ?",
        "    relu   relu                          [?, 4, 3]",
        "pool       globalAvgPool2d               [5]",
        "head       frozen(dense(10))             [10]               60             50",
        "─────────────────────────────────────────────────────────────────────────────",
        "total      1.6 kB                                          385              ?"
      ])
      for (const width of [76, 70, 60]) {
        const lines = Layers.formatSummary(found, { width }).split("\n")
        assert.isTrue(lines.every((line) => line.length <= width), lines.join("\n"))
        if (width > 60) assert.match(lines[7]!, /spectral.*… +\[\?, 4, 2\] +10 +\?$/)
      }
      // Less than the numbers need is not made of them.
      assert.match(Layers.formatSummary(found, { width: 10 }), /112 +\?\n/)
    }).pipe(provided))
})
