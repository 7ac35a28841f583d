import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { NdArray } from "effect-neuron"
import type { Experiment, Shape } from "effect-neuron"
import { checkShow } from "../../../src/experiment/checkShow.ts"
import { guessed } from "../../../src/experiment/guess.ts"

/** What is wrong with a look, or nothing. */
const problem = (
  show: { readonly input?: Experiment.View; readonly target?: Experiment.View },
  shapes: { readonly x?: Shape.ShapeTree; readonly y?: Shape.ShapeTree; readonly prediction?: Shape.ShapeTree }
): string => {
  const row: Experiment.View = { kind: "row", names: ["a"] }, { prediction, x = [1], y = [1] } = shapes
  const checked = checkShow("mine", { input: row, target: row, ...show }, { shapes: { x, y }, prediction })
  return Effect.runSync(Effect.match(checked, { onFailure: ({ message }) => message, onSuccess: () => "" }))
}

const names = (n: number): ReadonlyArray<string> => Array.from({ length: n }, (_, i) => `n${i + 1}`)
const image: Experiment.View = { kind: "image", range: [0, 1] }
const point: Experiment.View = { kind: "point", ranges: [[0, 1], [0, 1]] }
const row = (n: number): Experiment.View => ({ kind: "row", names: names(n) })
const series = (n: number): Experiment.View => ({ kind: "series", names: names(n) })
const text = (n: number): Experiment.View => ({ kind: "text", tokenizer: { kind: "vocabulary", tokens: names(n) } })
const classes = (n: number): Experiment.View => ({ kind: "class", classes: names(n) })

describe("how examples are looked at", () => {
  it("fits their shapes", () => {
    const fitting: ReadonlyArray<readonly [Experiment.View, Shape.ShapeTree]> = [
      ...[[image, [28, 28]], [image, [28, 28, 1]], [image, [2, 3, 4]], [image, [null, null, null]]] as const,
      ...[[row(3), [3]], [row(1), []], [row(4), [2, 2]], [row(2), [null]]] as const,
      ...[[text(5), [7]], [text(5), [null]], [point, [2]], [series(1), [9]], [series(2), [9, 2]]] as const,
      ...[[series(2), [null, 2]], [classes(3), []], [classes(2), [1]]] as const
    ]
    for (const [view, shape] of fitting) {
      assert.strictEqual(problem({ input: view }, { x: shape }), "", JSON.stringify([view, shape]))
      if (view.kind !== "class") assert.strictEqual(problem({ target: view }, { y: shape }), "", view.kind)
    }
  })

  it("is refused with what is expected and found", () => {
    const wrong: ReadonlyArray<readonly [Experiment.View, Shape.ShapeTree, string]> = [
      [image, [4], "image: expected images [height, width, 1, 3 or 4], found numbers [4]"],
      [image, [4, 4, 2], "image: expected images [height, width, 1, 3 or 4], found numbers [4, 4, 2]"],
      [image, { a: [4, 4] }, "image: expected one array, found a record of arrays"],
      [row(2), [3], "row: expected 3 names, found 2: n1, n2"],
      [row(2), [1], "row: expected 1 name, found 2: n1, n2"],
      [text(3), [4, 3], "text: expected tokens [length], found numbers [4, 3]"],
      [point, [3], "point: expected points [2], found numbers [3]"],
      [series(1), [3, 2], "series: expected 2 names, found 1: n1"],
      [series(2), [3], "series: expected 1 name, found 2: n1, n2"],
      [series(2), [], "series: expected series [length] or [length, channels], found numbers []"],
      [classes(3), [3], "class: expected class indices [], found numbers [3]"]
    ]
    for (const [view, shape, expected] of wrong) {
      assert.strictEqual(problem({ input: view }, { x: shape }), `show of mine, input as ${expected}`)
      assert.strictEqual(problem({ target: view }, { y: shape }), `show of mine, target as ${expected}`)
    }
    const none = { kind: "picture" } as unknown as Experiment.View
    assert.match(
      problem({ input: none }, {}),
      /^show of mine, input: expected image, row, .*, found {"kind":"picture"}$/
    )
  })

  it("has a class for each logit, and a token", () => {
    const predicted = (target: Experiment.View, y: Shape.Shape, prediction: Shape.ShapeTree) =>
      problem({ target }, { y, prediction }).replace("show of mine, target as ", "")
    assert.strictEqual(predicted(classes(10), [], [10]), "")
    assert.strictEqual(predicted(classes(2), [], [1]), "")
    assert.strictEqual(predicted(classes(9), [], [10]), "class: expected 10 classes, for predictions [10], found 9")
    assert.strictEqual(predicted(classes(3), [], [1]), "class: expected 2 classes, for predictions [1], found 3")
    assert.strictEqual(predicted(text(5), [4], [4, 5]), "")
    assert.match(predicted(text(5), [4], [4, 6]), /^text: expected predictions \[length, 5\], .*, found \[4, 6\]$/)
    assert.strictEqual(predicted(image, [4, 4], [4, 4, 1]), "")
    assert.match(predicted(image, [4, 4], [16]), /^image: expected images .*, found numbers \[16\]$/)
    // What a model of several heads gives says nothing about one of them.
    assert.strictEqual(predicted(classes(3), [], { a: [3], b: [2] }), "")
    assert.strictEqual(predicted(row(1), [1], [3]), "")
  })
})

describe("how examples are looked at when nobody says it", () => {
  const of = (xs: ReadonlyArray<NdArray.NdArray>, classes: ReadonlyArray<string> = ["a", "b"]) =>
    Effect.map(
      guessed({ classes, train: Stream.fromIterable(xs.map((x) => ({ x, y: NdArray.index(0) }))) }),
      (show) => show?.input
    )
  const points = (...all: ReadonlyArray<readonly [number, number]>) => all.map((point) => NdArray.make(point, [2]))
  const images = (...all: ReadonlyArray<readonly [number, number]>) => all.map((two) => NdArray.make(two, [1, 2, 1]))

  it("has all points of the first some hundred examples in the plane, in numbers of few digits", () => {
    const ranges = (...all: ReadonlyArray<readonly [number, number]>) =>
      Effect.runSync(of(points(...all))) as { readonly ranges: unknown }
    // Of ages and incomes a tenth more on both sides.
    assert.deepStrictEqual(ranges([20, 1000], [80, 0], [50, NaN]).ranges, [[14, 86], [-100, 1100]])
    assert.deepStrictEqual(ranges([0, 0], [1, -0.5]).ranges, [[-0.1, 1.1], [-0.55, 0.05]])
    assert.deepStrictEqual(ranges([-0.9, 0.9], [0.8, -0.2]).ranges, [[-1, 1], [-1, 1]])
    assert.deepStrictEqual(ranges([3, NaN]).ranges, [[2.7, 3.3], [-1, 1]])
    const far = Array.from({ length: 1000 }, (_, i): readonly [number, number] => i < 200 ? [i % 11, 0] : [1000, 1000])
    assert.deepStrictEqual(ranges(...far).ranges, [[-1, 11], [-0.1, 0.1]])
  })

  it("has images in the range of their values, whatever the first one has", () => {
    const range = (...all: ReadonlyArray<readonly [number, number]>) =>
      (Effect.runSync(of(images(...all))) as { readonly range: unknown }).range
    assert.deepStrictEqual(range([0, 0.5], [0.2, 1]), [0, 1])
    assert.deepStrictEqual(range([0, 0.5], [-0.2, 1]), [-1, 1])
    assert.deepStrictEqual(range([0, 0], [3, 254]), [0, 255])
    assert.deepStrictEqual(range([0, 0], [3, 16]), [0, 16])
    assert.deepStrictEqual(range([0, 0], [-2.5, 2]), [-2.5, 2])
    const bytes = { data: Uint8Array.of(0, 1), shape: [1, 2, 1] }
    assert.deepStrictEqual(Effect.runSync(of([bytes])), { kind: "image", range: [0, 255] })
  })

  it("is nothing where there are no examples", () => assert.isUndefined(Effect.runSync(of([]))))
})
