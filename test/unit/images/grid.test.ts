import { assert, describe, it } from "@effect/vitest"
import { pipe } from "effect"
import { Images, NdArray } from "effect-neuron"

const bytes = (values: ReadonlyArray<number>, shape: ReadonlyArray<number>) =>
  NdArray.make(Uint8Array.from(values), shape)

describe("Images.grid", () => {
  it("lays images out row by row, with padding around each", () => {
    // Five images of two rows and one column.
    const images = bytes([11, 12, 21, 22, 31, 32, 41, 42, 51, 52], [5, 2, 1, 1])
    assert.deepStrictEqual(Images.grid(images, { columns: 3, padding: 1, background: 7 }), {
      data: Uint8Array.from([
        ...[7, 7, 7, 7, 7, 7, 7],
        ...[7, 11, 7, 21, 7, 31, 7],
        ...[7, 12, 7, 22, 7, 32, 7],
        ...[7, 7, 7, 7, 7, 7, 7],
        ...[7, 41, 7, 51, 7, 7, 7],
        ...[7, 42, 7, 52, 7, 7, 7],
        ...[7, 7, 7, 7, 7, 7, 7]
      ]),
      shape: [7, 7, 1]
    })
    assert.deepStrictEqual(Images.grid(images, { columns: 5, padding: 0 }), {
      data: Uint8Array.of(11, 21, 31, 41, 51, 12, 22, 32, 42, 52),
      shape: [2, 5, 1]
    })
  })

  it("takes the images last too", () => {
    const images = bytes([1, 2, 3, 4], [4, 1, 1, 1])
    assert.deepStrictEqual(pipe(images, Images.grid()), Images.grid(images))
    assert.deepStrictEqual(pipe(images, Images.grid({ columns: 1 })), Images.grid(images, { columns: 1 }))
  })

  it("keeps channels together", () => {
    const images = bytes([1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12], [2, 1, 2, 3])
    const { data, shape } = Images.grid(images, { columns: 1, padding: 1 })
    assert.deepStrictEqual(shape, [5, 4, 3])
    const pixel = (y: number, x: number) => Array.from(data.subarray((y * 4 + x) * 3, (y * 4 + x) * 3 + 3))
    assert.deepStrictEqual([pixel(1, 1), pixel(1, 2), pixel(3, 1), pixel(3, 2)], [
      [1, 2, 3],
      [4, 5, 6],
      [7, 8, 9],
      [10, 11, 12]
    ])
    assert.strictEqual(Array.from(data).reduce((sum, value) => sum + value), 78)
  })

  it("is about as wide as high by default, with two pixels of padding", () => {
    const shapeOf = (n: number) => Images.grid(bytes(Array.from({ length: 6 * n }, () => 1), [n, 3, 2, 1])).shape
    assert.deepStrictEqual([1, 2, 4, 5, 7, 16].map((n) => shapeOf(n).slice(0, 2)), [
      [1 * 5 + 2, 1 * 4 + 2],
      [1 * 5 + 2, 2 * 4 + 2],
      [2 * 5 + 2, 2 * 4 + 2],
      [2 * 5 + 2, 3 * 4 + 2],
      [3 * 5 + 2, 3 * 4 + 2],
      [4 * 5 + 2, 4 * 4 + 2]
    ])
  })

  it("maps the range to bytes, and clips what is outside", () => {
    const of = (values: ReadonlyArray<number>, range?: readonly [number, number]) =>
      Array.from(
        Images.grid(NdArray.make(values, [1, 1, values.length, 1]), {
          padding: 0,
          ...(range === undefined ? {} : { range })
        }).data
      )
    assert.deepStrictEqual(of([-0.5, 0, 0.2, 1, 2, NaN]), [0, 0, 51, 255, 255, 0])
    assert.deepStrictEqual(of([-1.5, -1, -0.6, 1, Infinity, -Infinity], [-1, 1]), [0, 0, 51, 255, 255, 0])
    assert.deepStrictEqual(of([0, 51, 255, 300], [0, 255]), [0, 51, 255, 255])
    // Every byte that was scaled comes back.
    const all = Array.from({ length: 256 }, (_, i) => i)
    assert.deepStrictEqual(of(all.map((i) => i / 255)), all)
    assert.deepStrictEqual(of(all.map((i) => i / 127.5 - 1), [-1, 1]), all)
    const ints = Images.grid(NdArray.make(Int32Array.of(-1, 128, 256), [1, 1, 3, 1]), { padding: 0 })
    assert.deepStrictEqual(Array.from(ints.data), [0, 128, 255])
  })

  it("refuses other shapes and options", () => {
    for (const shape of [[2, 2, 1], [0, 2, 2, 1], [1, 2, 2, 0]]) {
      const images = NdArray.make(new Float32Array(shape.reduce((a, b) => a * b, 1)), shape)
      assert.throws(
        () => Images.grid(images),
        RangeError,
        `grid expects images [n, height, width, channels], got [${shape.join(", ")}]`
      )
    }
    const images = bytes([1], [1, 1, 1, 1])
    for (const columns of [0, -1, 1.5]) {
      assert.throws(
        () => Images.grid(images, { columns }),
        RangeError,
        `grid: columns must be a whole number from 1 up, got ${columns}`
      )
    }
    assert.throws(
      () => Images.grid(images, { padding: -1 }),
      RangeError,
      "grid: padding must be a whole number from 0 up, got -1"
    )
    assert.throws(
      () => Images.grid(images, { background: 256 }),
      RangeError,
      "grid: background must be a whole number from 0 to 255, got 256"
    )
    for (const range of [[1, 1], [1, 0], [0, Infinity], [NaN, 1]] as const) {
      assert.throws(
        () => Images.grid(images, { range }),
        RangeError,
        `grid: range must rise, got ${range[0]} to ${range[1]}`
      )
    }
  })
})
