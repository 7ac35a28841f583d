import { assert, layer } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend, Layers } from "effect-neuron"
import { edgesOf } from "../../../dashboard/app/network/edges.ts"
import { columnsOf, nameOf } from "../../../dashboard/app/network/graph.ts"
import type { Column } from "../../../dashboard/app/network/graph.ts"
import { classifierStages } from "../../../dashboard/app/network/stages.ts"
import { adversarialStages, graphStages, isChain } from "../../../dashboard/app/network/wiring.ts"
import { classifierOf, classifiers } from "../../../src/experiment/digitsNetworks.ts"
import { networksOf } from "../../../src/experiment/generatorNetworks.ts"
import { named, pictureOf, toldOf, wiresOf } from "../../support/networkPicture.ts"

const conv = (filters: number, kernelSize = 3) => Layers.conv2d({ filters, kernelSize })

/** The same without levels. */
const namesIn = (columns: ReadonlyArray<Column>) => wiresOf(columns).map((names) => names.toSpliced(1, 1))

layer(Backend.layerWasm)("the picture of a graph of layers", (it) => {
  it.effect("is the same as that of a chain where it is one", () =>
    Effect.gen(function*() {
      for (const name of classifiers) {
        const model = classifierOf(name), { outputs, weights, x } = yield* toldOf(model as Layers.Any, [28, 28, 1])
        const most = { units: 32, maps: 12 }
        assert.isTrue(isChain(Layers.outline(model)))
        assert.deepStrictEqual(
          columnsOf(graphStages(Layers.outline(model), x, outputs, weights), most),
          columnsOf(classifierStages(x as never, outputs, weights), most),
          name
        )
      }
    }))

  it.effect("has what skips layers, branches and where they meet, with what they give there", () =>
    Effect.gen(function*() {
      const columns = yield* pictureOf(
        Layers.graph(
          { inputs: "image" },
          ["stem", conv(4)],
          ["relu", Layers.relu],
          ["conv", conv(4)],
          ["sum", Layers.add("0", "1"), ["conv", "relu"]],
          ["branches", Layers.parallel({ narrow: conv(2, 1), wide: Layers.named({ a: conv(3), b: conv(3) }) })],
          ["flat", Layers.flatten],
          ["head", Layers.dense(5)]
        ),
        [8, 8, 1]
      )
      assert.deepStrictEqual(wiresOf(columns), [
        ["input", 0],
        ["stem", 1, "input"],
        ["conv", 2, "stem"],
        ["sum, sum", 3, "conv", "stem"],
        ["branches.narrow", 4, "sum, sum"],
        ["branches.wide.a", 4, "sum, sum"],
        ["branches.wide.b", 5, "branches.wide.a"],
        ["branches, concatenation", 6, "branches.narrow", "branches.wide.b"],
        ["head", 7, "branches, concatenation"]
      ])
      const [stem, before, sum] = ["stem", "conv", "sum, sum"].map((name) => named(columns, name).values)
      for (let i = 0; i < 256; i++) assert.closeTo(sum![i]!, stem![i]! + before![i]!, 1e-5)
      // Pixel by pixel two maps of the one and three of the other.
      const joined = named(columns, "branches, concatenation").values
      const narrow = named(columns, "branches.narrow").values, wide = named(columns, "branches.wide.b").values
      assert.deepStrictEqual(Array.from(joined).slice(15, 20), [narrow[6], narrow[7], wide[9], wide[10], wide[11]])
      assert.deepStrictEqual(
        edgesOf(columns, 1000).map(({ left, right }) => [nameOf(columns[left]!), nameOf(columns[right]!)]),
        columns.flatMap((column) =>
          column.kernel === undefined ? [] : [[nameOf(columns[column.takes[0]!]!), nameOf(column)]]
        )
      )
    }))

  it.effect("adds what a residual layer adds, and shows what it adds it to", () =>
    Effect.gen(function*() {
      const columns = yield* pictureOf(
        Layers.sequence(
          ["first", Layers.dense(6)],
          ["block", Layers.residual(Layers.dense(6))],
          [
            "deep",
            Layers.frozen(Layers.residual(Layers.named({ a: Layers.dense(3), tanh: Layers.tanh, b: Layers.dense(6) })))
          ]
        ),
        [4]
      )
      assert.deepStrictEqual(namesIn(columns), [
        ["input"],
        ["first", "input"],
        ["block", "first"],
        ["block, sum", "block", "first"],
        ["deep.a", "block, sum"],
        ["deep.b", "deep.a"],
        ["deep, sum", "deep.b", "block, sum"]
      ])
      const { kernel, values } = columns[2]!, x = columns[1]!.values
      for (let j = 0; j < 6; j++) {
        const expected = Array.from(x).reduce((sum, xi, i) => sum + xi * kernel!.data[6 * i + j]!, 0)
        assert.closeTo(values[j]!, expected, 1e-5)
      }
    }))

  it.effect("has each input and each output, and a layer of one's own as it is", () =>
    Effect.gen(function*() {
      type Two = { readonly a: tf.Tensor; readonly b: tf.Tensor }
      const mixing = Layers.lambda<Two, tf.Tensor>("mixing", {
        shape: ({ a, b }) => [(a as ReadonlyArray<number>)[0]! + (b as ReadonlyArray<number>)[0]!],
        apply: ({ a, b }) => tf.concat([a, b], 1)
      })
      const inner = Layers.named({ hidden: Layers.dense(7), relu: Layers.relu })
      const whole: Layers.Any = { ...inner, name: "whole", configuration: undefined }
      const columns = yield* pictureOf(
        Layers.graph(
          { inputs: { left: "l", right: "r" }, outputs: { one: "one", two: "two", way: "way" } },
          ["dense", Layers.dense(3), "l"],
          ["mixed", mixing, { a: "dense", b: "r" }],
          ["own", whole],
          ["way", Layers.activation("halved", (x) => tf.mul(x, 0.5))],
          ["one", Layers.dense(2), "way"],
          ["two", Layers.multiply("x", "y"), { x: "dense", y: "dense" }]
        ) as Layers.Any,
        { left: [2], right: [4] }
      )
      assert.deepStrictEqual(wiresOf(columns), [
        ["left", 0],
        ["right", 0],
        ["dense", 1, "left"],
        ["mixed", 2, "dense", "right"],
        ["own", 3, "mixed"],
        ["one", 4, "own"],
        ["two, product", 2, "dense"]
      ])
      // Nothing takes the rectified values but a layer that halves them.
      assert.strictEqual(named(columns, "own").size, 7)
    }))

  it.effect("keeps what goes beside layers to where ways meet, and leaves out what only leads to a layer", () =>
    Effect.gen(function*() {
      const columns = yield* pictureOf(
        Layers.graph(
          { inputs: "image" },
          ["fine", conv(3)],
          ["coarse", Layers.maxPool2d(2)],
          ["up", Layers.upsample2d(2)],
          ["both", Layers.concatenate("0", "1"), ["up", "fine"]],
          ["pool", Layers.globalAvgPool2d],
          ["norm", Layers.layerNorm()],
          ["head", Layers.dense(2)]
        ),
        [4, 4, 1]
      )
      assert.deepStrictEqual(wiresOf(columns), [
        ["input", 0],
        ["fine", 1, "input"],
        ["up", 2, "fine"],
        ["both, concatenation", 3, "up", "fine"],
        ["head", 4, "both, concatenation"]
      ])
    }))

  it.effect("has the two networks of an adversarial experiment in one, and no more of a class than is known", () =>
    Effect.gen(function*() {
      const config = { model: "mlp", loss: "hinge", conditional: true, average: 0 } as const
      const { critic, generator } = networksOf({ ...config, generatorLearningRate: 1, criticLearningRate: 1 })
      assert.isTrue(isChain(Layers.outline(generator)) && isChain(Layers.outline(critic)))
      assert.isFalse(isChain(Layers.outline(Layers.serial(Layers.dense(2), Layers.residual(Layers.dense(2))))))
      const made = yield* toldOf(generator, { x: [64], y: [] }),
        scored = yield* toldOf(critic, { x: [28, 28, 1], y: [] })
      const below = (network: string, { outputs }: typeof made) =>
        outputs.map(([path, y]) => [path === "" ? network : `${network}.${path}`, y] as const)
      const of = (network: string, { weights }: typeof made) =>
        Object.entries(weights).map(([path, array]) => [`${network}.${path}`, array] as const)
      const weights = Object.fromEntries([...of("generator", made), ...of("critic", scored)])
      const outlines = { generator: Layers.outline(generator), critic: Layers.outline(critic) }
      const outputs = [...below("generator", made), ...below("critic", scored)]
      const columns = columnsOf(adversarialStages(outlines, made.x, outputs, weights), { units: 8, maps: 4 })
      const head = "generator network.head"
      assert.deepStrictEqual(namesIn(columns), [
        ["generator noise"],
        ["generator class"],
        ["generator inputs.y", "generator class"],
        ["generator joined, concatenation", "generator noise", "generator inputs.y"],
        ["generator network.hidden1", "generator joined, concatenation"],
        ["generator network.hidden2", "generator network.hidden1"],
        [head, "generator network.hidden2"],
        ["critic inputs.y.table", "generator class"],
        ["critic joined, concatenation", head, "critic inputs.y.table"],
        ["critic network.hidden1", "critic joined, concatenation"],
        ["critic network.hidden2", "critic network.hidden1"],
        ["critic network.head", "critic network.hidden2"]
      ])
    }))
})
