import { assert, layer } from "@effect/vitest"
import { Effect } from "effect"
import { Backend, Layers } from "effect-neuron"
import { edgesOf } from "../../../dashboard/app/network/edges.ts"
import { nameOf } from "../../../dashboard/app/network/graph.ts"
import { numbersOf } from "../../../dashboard/app/network/numbers.ts"
import { named, pictureOf, wiresOf } from "../../support/networkPicture.ts"

layer(Backend.layerWasm)("the numbers of a unit", (it) => {
  it.effect("shows of recurrent layers, and of what does the same at each position, no number that is not of the unit", () =>
    Effect.gen(function*() {
      const columns = yield* pictureOf(
        Layers.sequence(
          ["both", Layers.bidirectional(Layers.lstm(2))],
          // Of four steps: as many units in all as its kernel has columns.
          ["lstm", Layers.lstm(4)],
          ["dense", Layers.dense(3)],
          ["gru", Layers.gru(4, { returns: "last" })],
          ["head", Layers.dense(5)]
        ) as Layers.Any,
        [4, 2]
      )
      assert.deepStrictEqual(wiresOf(columns), [
        ["input", 0],
        ["both", 1, "input"],
        ["lstm", 2, "both"],
        ["dense", 3, "lstm"],
        ["gru", 4, "dense"],
        ["head", 5, "gru"]
      ])
      for (const { path, size, ...column } of columns.slice(1)) {
        for (const unit of [0, size - 1]) {
          const { rows, weights } = numbersOf({ ...column, path, size }, unit)
          assert.strictEqual(weights?.length, path === "head" ? 4 : undefined, path)
          assert.include(rows.map(([name]) => name), "activation")
          assert.strictEqual(rows.some(([name]) => name === "bias"), path === "head", path)
        }
      }
      const { kernel } = named(columns, "head")
      assert.deepStrictEqual(
        Array.from(numbersOf(named(columns, "head"), 2).weights!),
        [0, 1, 2, 3].map((i) => kernel!.data[5 * i + 2])
      )
      assert.deepStrictEqual(edgesOf(columns, 100).map(({ right }) => nameOf(columns[right]!)), ["head"])
    }))

  it.effect("shows of a map that a vector makes the weights of all its pixels, and no bias of one of them", () =>
    Effect.gen(function*() {
      const columns = yield* pictureOf(
        Layers.sequence(["dense", Layers.dense(8)], ["image", Layers.reshape([2, 2, 2])], [
          "conv",
          Layers.conv2d({ filters: 3, kernelSize: 3 })
        ]),
        [3]
      )
      const of = (name: string) => numbersOf(named(columns, name), 1)
      const [dense, convolved] = [of("dense"), of("conv")]
      assert.strictEqual(dense.weights!.length, 3 * 4)
      assert.isFalse(dense.rows.some(([name]) => name === "bias"))
      assert.strictEqual(convolved.weights!.length, 9 * 2)
      assert.isTrue(convolved.rows.some(([name]) => name === "bias"))
    }))
})
