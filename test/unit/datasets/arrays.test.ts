import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Datasets, NdArray } from "effect-neuron"

const x = NdArray.make([1, 2, 3, 4, 5, 6], [3, 2])
const y = NdArray.make(Int32Array.of(7, 8, 9), [3])

describe("fromArrays", () => {
  it.effect("streams views of the examples, and the test split", () =>
    Effect.gen(function*() {
      const data = yield* Datasets.fromArrays({
        name: "three",
        x,
        y,
        classes: Array.from("0123456789"),
        test: { x: NdArray.make([9, 9], [1, 2]), y: NdArray.make(Int32Array.of(1), [1]) }
      })
      assert.deepStrictEqual([data.name, data.classes, data.sizes, data.shapes], [
        "three",
        Array.from("0123456789"),
        { train: 3, test: 1 },
        { x: [2], y: [] }
      ])
      const train = yield* Stream.runCollect(data.train)
      assert.deepStrictEqual(train, [
        { x: NdArray.make([1, 2], [2]), y: NdArray.index(7) },
        { x: NdArray.make([3, 4], [2]), y: NdArray.index(8) },
        { x: NdArray.make([5, 6], [2]), y: NdArray.index(9) }
      ])
      assert.isTrue(train.every((example) => example.x.data.buffer === x.data.buffer))
      assert.deepStrictEqual(yield* Stream.runCollect(data.test), [
        { x: NdArray.make([9, 9], [2]), y: NdArray.index(1) }
      ])
    }))

  it.effect("has an empty test split without one, and takes trees", () =>
    Effect.gen(function*() {
      const data = yield* Datasets.fromArrays({ x: { left: x, right: [y, y] }, y: x })
      assert.deepStrictEqual(data.shapes, { x: { left: [2], right: [[], []] }, y: [2] })
      assert.deepStrictEqual(yield* Stream.runCollect(data.test), [])
      const [, second] = yield* Stream.runCollect(data.train)
      assert.deepStrictEqual(second, {
        x: { left: NdArray.make([3, 4], [2]), right: [NdArray.index(8), NdArray.index(8)] },
        y: NdArray.make([3, 4], [2])
      })
    }))

  it("says which arrays do not fit", () => {
    const message = (opened: Effect.Effect<unknown, { readonly message: string }>) =>
      Effect.runSync(Effect.flip(opened)).message
    const two = NdArray.make(Int32Array.of(1, 2), [2])
    assert.strictEqual(message(Datasets.fromArrays({ x, y: two })), "y: expected 3 examples, as in x, found 2")
    assert.strictEqual(
      message(Datasets.fromArrays({ x: { a: x, b: two }, y })),
      "x.b: expected 3 examples, as in x.a, found 2"
    )
    assert.strictEqual(
      message(Datasets.fromArrays({ x, y: NdArray.index(1) })),
      "y: expected examples along a first dimension, found the shape []"
    )
    assert.strictEqual(
      message(Datasets.fromArrays({ x: { data: new Float32Array(5), shape: [3, 2] }, y })),
      "x: expected an array of float32, int32 or uint8 that fills its shape (NdArray.make), found float32 [3, 2] with 5 values"
    )
    assert.strictEqual(
      message(Datasets.fromArrays({ x: { data: new Float64Array(6) as never, shape: [3, 2] }, y })),
      "x: expected an array of float32, int32 or uint8 that fills its shape (NdArray.make), found Float64Array [3, 2]"
    )
    const none = NdArray.make([], [0])
    assert.strictEqual(
      message(Datasets.fromArrays({ x: none, y: none })),
      "x: expected at least one example, found none"
    )
    const classes = ["a", "b"], labels = (...values: ReadonlyArray<number>) => NdArray.make(values, [values.length])
    for (
      const [wrong, i, found] of [[labels(0, 1, 2), 2, "2"], [labels(0, NaN, 1), 1, "NaN"], [
        labels(0.5, 1, 1),
        0,
        "0.5"
      ]] as const
    ) {
      const expected = `y, example ${i}: expected a class index from 0 to 1, found ${found}`
      assert.strictEqual(message(Datasets.fromArrays({ x, y: wrong, classes })), expected)
      const test = { x, y: wrong }
      assert.strictEqual(message(Datasets.fromArrays({ x, y: labels(0, 1, 0), classes, test })), `test.${expected}`)
    }
    assert.strictEqual(message(Datasets.fromArrays({ x: {}, y })), "x: expected at least one array, found none")
    assert.strictEqual(
      message(Datasets.fromArrays({ x, y, test: { x, y: two } })),
      "test.y: expected 3 examples, as in test.x, found 2"
    )
    assert.strictEqual(
      message(Datasets.fromArrays({ x, y, test: { x: y, y } })),
      "test: expected examples of the shapes {\"x\":[2],\"y\":[]}, found {\"x\":[],\"y\":[]}"
    )
  })
})

describe("generate", () => {
  it("refuses sizes, seeds and pixels that are none", () => {
    const refuses = (make: () => unknown, message: string) => assert.throws(make, RangeError, message)
    refuses(() => Datasets.digits({ train: -1 }), "digits: sizes.train is an integer of at least 0, got -1")
    refuses(() => Datasets.digits({ test: 1.5 }), "digits: sizes.test is an integer of at least 0, got 1.5")
    refuses(() => Datasets.digits({ seed: -1 }), "a seed is an integer from 0 to 2^53 - 1, got -1")
    refuses(() => Datasets.digits({ pixels: "bytes" as never }), `digits: pixels is "float32" or "uint8", got "bytes"`)
    for (const name of ["mnist", "mnistFrom"] as const) {
      const open = () =>
        name === "mnist" ? Datasets.mnist({ pixels: "x" as never }) : Datasets.mnistFrom("/", { pixels: "x" as never })
      refuses(open, `${name}: pixels is "float32" or "uint8", got "x"`)
    }
    const files = { images: "a", labels: "b" }
    refuses(
      () => Datasets.idxDataset({ name: "none", classes: [], train: files, test: files }),
      "idxDataset: classes is a list of at least one name, got none"
    )
    refuses(
      () => Datasets.noise({ shape: [-1], seed: 1 }),
      "noise: the dimensions of a shape are integers from 0 up, got [-1]"
    )
    refuses(() => Datasets.noise({ shape: [1], seed: NaN }), "a seed is an integer from 0 to 2^53 - 1, got NaN")
  })

  it.effect("asks for each example once and in order, and for no more than are pulled in a chunk", () =>
    Effect.gen(function*() {
      const asked: Array<string> = []
      const data = Datasets.generate({
        name: "indices",
        shapes: { x: [], y: [] },
        sizes: { train: 1000, test: 3 },
        example: (split, i) => {
          asked.push(`${split} ${i}`)
          return { x: NdArray.index(i), y: NdArray.index(-i) }
        }
      })
      assert.strictEqual(yield* Stream.runCount(data.test), 3)
      assert.deepStrictEqual(asked.splice(0), ["test 0", "test 1", "test 2"])
      yield* Stream.runDrain(Stream.take(data.train, 1))
      assert.isAtMost(asked.length, 64)
      assert.deepStrictEqual(data.classes, [])
    }))

  it.effect("may be empty", () =>
    Effect.gen(function*() {
      const data = Datasets.digits({ train: 0, test: 0 })
      assert.strictEqual(yield* Stream.runCount(Stream.concat(data.train, data.test)), 0)
    }))
})
