import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { NdArray } from "effect-neuron"
import type { Experiment } from "effect-neuron"
import { decode } from "fast-png"
import { page } from "../../../../src/experiment/report/page.ts"
import { all, parse, table, text } from "../../../support/html.ts"
import { looked, recorded, regressed, rows } from "../../../support/recorded.ts"
import { saysAllInWords } from "../../../support/report.ts"

const shown = (examined: Experiment.Examined, show?: object) =>
  Effect.tap(
    parse(page(recorded({ kind: "supervised", ...(show === undefined ? {} : { show: show as never }) }), { examined })),
    (root) => Effect.sync(() => saysAllInWords(root))
  )

const classOf = (name: string) => ({ attributes }: { readonly attributes: { readonly [name: string]: string } }) =>
  attributes["class"] === name

describe("the report of a regression", () => {
  it.effect("draws what was predicted against what is true, and how near it is", () =>
    Effect.gen(function*() {
      const root = yield* shown(regressed, rows), [scatter] = all(root, "svg")
      assert.strictEqual(text(all(scatter!, "title")[0]!), "Predicted price by the true one")
      // Errors 0, 1, 2, -3: squares of 14 in all, and of 5 around the mean.
      const scores = `R² ${(1 - 14 / 5).toFixed(4)}, root mean squared error 1.871, mean absolute error 1.5`
      assert.strictEqual(text(all(scatter!, "desc")[0]!), `4 examples: ${scores}.`)
      // From 1 to 5 with a twentieth of that on both sides, over 414 and 238 units.
      const share = (value: number) => (value - 0.8) / 4.4
      const at = (x: number, y: number) =>
        `M${Math.round(10 * (62 + 414 * share(x))) / 10} ${Math.round(10 * (254 - 238 * share(y))) / 10}h0`
      const points = all(scatter!, "path").find(classOf("points"))!
      assert.strictEqual(points.attributes["d"], [at(1, 1), at(2, 3), at(3, 5), at(4, 1)].join(""))
      assert.strictEqual(text(all(root, "dl")[0]!), "test loss3.5000 weights of step 6steps6")
    }))

  it.effect("counts the losses of the examples", () =>
    Effect.gen(function*() {
      const losses = Float32Array.from({ length: 1000 }, (_, i) => i === 999 ? 1e6 : i % 10)
      const root = yield* shown({ step: 1, size: 1000, losses, worst: [] })
      const bars = all(root, "path").filter(classOf("bar"))
      assert.lengthOf(bars, 10)
      // Each of the first nine has a hundred, the last one too: 99 of nine, and what is far out.
      assert.deepStrictEqual(
        new Set(bars.map(({ attributes }) => /V([\d.]+)H/.exec(attributes["d"]!)![1])),
        new Set(["16"])
      )
      assert.include(text(root), "the last bar has the 1 (0.1 %) above 9 too, up to 1,000,000.")
      assert.notInclude(text(yield* shown({ step: 1, size: 2, losses: Float32Array.of(1, 1), worst: [] })), "Losses of")
    }))

  it.effect("shows rows with their names, what is true and what was predicted", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(table(yield* shown(regressed, rows), /What the model was given/), [
        ["example", "rooms", "distance", "price", "predicted", "loss"],
        ["3", "3", "0.5", "4", "1", "9"],
        ["2", "2", "0.5", "3", "5", "4"]
      ])
    }))
})

describe("examples in a report", () => {
  const number = NdArray.make([0.25], [1]), answer = { kind: "row", names: ["angle"] }

  it.effect("are images in their range, large ones of fewer pixels", () =>
    Effect.gen(function*() {
      const pixels = (root: { readonly children: ReadonlyArray<unknown> }) => {
        const [image] = all(root as never, "img")
        return decode(Buffer.from(image!.attributes["src"]!.split(",")[1]!, "base64"))
      }
      const small = NdArray.make([-1, 0, 1, 3], [2, 2, 1]), view = { kind: "image", range: [-1, 1] }
      const root = yield* shown(looked(small, number, number), { input: view, target: answer })
      assert.deepStrictEqual(Array.from(pixels(root).data), [0, 128, 255, 255])
      assert.include(text(root), "angle 0.25, predicted 0.25")
      const large = { data: Uint8Array.from({ length: 300 * 200 * 3 }, (_, i) => i % 251), shape: [200, 300, 3] }
      const reduced = pixels(yield* shown(looked(large, number, number)))
      assert.deepStrictEqual([reduced.width, reduced.height, reduced.channels], [100, 67, 3])
      assert.deepStrictEqual(Array.from(reduced.data.slice(3, 6)), Array.from(large.data.slice(9, 12)))
    }))

  it.effect("are series and points as drawings, with what was predicted", () =>
    Effect.gen(function*() {
      const wave = NdArray.make([0, 1, 0, -1], [4, 1]), flat = NdArray.make([0, 0, 0, 0], [4, 1])
      const series = { kind: "series", names: ["height"] }
      const root = yield* shown(looked(wave, wave, flat), { input: series, target: series })
      const [given, both] = all(root, "svg").filter(classOf("small"))
      assert.deepStrictEqual(all(given!, "path").map(({ attributes }) => attributes["d"]), [
        "M6 42L55.3 6L104.7 42L154 78"
      ])
      assert.deepStrictEqual(all(both!, "path").map(({ attributes }) => attributes["d"]), [
        ...["M6 42L55.3 6L104.7 42L154 78", "M6 42L55.3 42L104.7 42L154 42"]
      ])

      const point = { kind: "point", ranges: [[0, 1], [0, 2]] }
      const place = NdArray.make([0.5, 2], [2]), other = NdArray.make([0, 0], [2])
      const drawn = all(yield* shown(looked(place, place, other), { input: point, target: point }), "svg")
        .filter(classOf("small"))
      assert.deepStrictEqual(
        drawn.map((svg) => all(svg, "circle").map(({ attributes: { cx, cy } }) => [cx, cy])),
        [[["42", "6"]], [["42", "6"], ["6", "78"]]]
      )
    }))

  it.effect("are text as text, whose prediction may be scores", () =>
    Effect.gen(function*() {
      const view = { kind: "text", tokenizer: { kind: "vocabulary", tokens: ["a", "<b>", " "] } }
      const x = NdArray.make(Int32Array.of(0, 2, 1, 9), [4]), y = NdArray.make(Int32Array.of(1, 0), [2])
      const scores = NdArray.make([0, 0, 5, 1, 2, 0], [2, 3])
      const root = yield* shown(looked(x, y, scores), { input: view, target: view })
      assert.deepStrictEqual(all(root, "q").map(({ children }) => children), [["a <b>\ufffd"], ["<b>a"], [" <b>"]])
    }))

  it.effect("are shown by their shapes where nobody has said how, or has said what does not fit", () =>
    Effect.gen(function*() {
      const record = { left: NdArray.make([1, 2], [2]), right: NdArray.index(3) }
      const root = yield* shown(looked(record, record, record))
      assert.deepStrictEqual(table(root, /^test example 1, left$/), [["1", "1"], ["2", "2"]])
      assert.include(text(root), "right 3")
      // Names of another number are those of something else.
      const three = NdArray.make([1, 2, 3], [3]), others = { kind: "row", names: ["a", "b"] }
      const rows = table(yield* shown(looked(three, number, number), { input: others, target: answer }), /was given/)
      assert.deepStrictEqual(rows[0]!.slice(0, 4), ["example", "1", "2", "3"])
      const odd = yield* shown(looked(NdArray.make([1, 2, 3], [3]), number, number), {
        ...{ input: { kind: "image", range: [0, 1] }, target: { kind: "unheard" } }
      })
      assert.deepStrictEqual(table(odd, /^test image 1$/), [["1", "1"], ["2", "2"], ["3", "3"]])
    }))
})
