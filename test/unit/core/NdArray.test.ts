import { assert, describe, it } from "@effect/vitest"
import { NdArray } from "effect-neuron"

describe("NdArray", () => {
  it("make keeps typed arrays and turns numbers into float32", () => {
    const data = Int32Array.of(1, 2)
    assert.strictEqual(NdArray.make(data, [2]).data, data)
    assert.deepStrictEqual(NdArray.make([0.1, 2], [1, 2]), { data: Float32Array.of(0.1, 2), shape: [1, 2] })
    assert.deepStrictEqual(NdArray.make([5], []).shape, [])
    assert.deepStrictEqual(NdArray.make([], [0, 3]).data, Float32Array.of())
  })

  it("make refuses values that do not fill the shape", () => {
    assert.throws(() => NdArray.make([1, 2], []), RangeError, "shape [] holds 1 values, got 2")
    assert.throws(() => NdArray.make(new Uint8Array(5), [2, 3]), RangeError, "shape [2, 3] holds 6 values, got 5")
  })

  it("make converts every typed array that it does not keep", () => {
    const of = (values: NdArray.Nested) => NdArray.make(values, [2])
    assert.deepStrictEqual(of(Float64Array.of(0.5, -1)).data, Float32Array.of(0.5, -1))
    assert.deepStrictEqual(of(Float64Array.of(NaN, -Infinity)).data, Float32Array.of(NaN, -Infinity))
    for (const Type of [Int8Array, Int16Array, Uint16Array, Uint32Array]) {
      assert.deepStrictEqual(of(Type.of(100, 3)).data, Int32Array.of(100, 3))
    }
    assert.deepStrictEqual(of(Int16Array.of(-300, 3)).data, Int32Array.of(-300, 3))
    assert.deepStrictEqual(of(BigInt64Array.of(-5n, 3n)).data, Int32Array.of(-5, 3))
    assert.deepStrictEqual(of(BigUint64Array.of(5n, 3n)).data, Int32Array.of(5, 3))
    for (const bytes of [Uint8ClampedArray.of(255, 0), Buffer.of(255, 0)]) {
      const { data } = of(bytes)
      assert.strictEqual(Object.getPrototypeOf(data), Uint8Array.prototype)
      assert.deepStrictEqual(data, Uint8Array.of(255, 0))
      assert.strictEqual(data.buffer, bytes.buffer)
    }
    assert.deepStrictEqual(of([true, false]).data, Uint8Array.of(1, 0))
    assert.deepStrictEqual(of([7n, -7n]).data, Int32Array.of(7, -7))
    assert.deepStrictEqual(NdArray.make(5, []), NdArray.make([5], []))
  })

  it("make takes the shape of nested lists", () => {
    assert.deepStrictEqual(NdArray.make([[1, 2, 3], [4, 5, 6]]), NdArray.make([1, 2, 3, 4, 5, 6], [2, 3]))
    assert.deepStrictEqual(NdArray.make([[[true], [false]]]), { data: Uint8Array.of(1, 0), shape: [1, 2, 1] })
    assert.deepStrictEqual(
      NdArray.make([Float64Array.of(1, 2), Float64Array.of(3, 4)]),
      NdArray.make([1, 2, 3, 4], [2, 2])
    )
    assert.deepStrictEqual(NdArray.make([[], []]).shape, [2, 0])
    assert.deepStrictEqual(NdArray.make([1, 2, 3]).shape, [3])
    assert.deepStrictEqual(NdArray.make(Int32Array.of(1)).shape, [1])
  })

  it("make refuses what it cannot hold", () => {
    const refuses = (values: unknown, message: string, shape?: ReadonlyArray<number>) =>
      assert.throws(() => NdArray.make(values as never, shape), RangeError, `NdArray.make: ${message}`)
    refuses([1, "2"], `value 1 is "2", value 0 a number`)
    refuses(["1"], `value 0 is "1"`)
    refuses([1, undefined], "value 1 is undefined, value 0 a number")
    refuses([1, true], "value 1 is true, value 0 a number")
    refuses([1, 2n], "value 1 is 2n, value 0 a number")
    refuses(null, "value 0 is null")
    refuses({ length: 2 }, "value 0 is [object Object]")
    refuses(new DataView(new ArrayBuffer(2)), "value 0 is [object DataView]")
    refuses([1e39], "value 0 is 1e+39, beyond float32")
    refuses(Float64Array.of(0, -1e300), "value 1 is -1e+300, beyond float32")
    refuses(Uint32Array.of(2 ** 31), "value 0 is 2147483648, which is no integer of 32 bits")
    refuses(BigInt64Array.of(0n, -(2n ** 31n) - 1n), "value 1 is -2147483649, which is no integer of 32 bits")
    refuses([2n ** 40n], "value 0 is 1099511627776, which is no integer of 32 bits")
    refuses([[1, 2], [3]], "lists are nested evenly, got one of 1 beside one of 2")
    refuses([[1], 2], "lists are nested evenly, got 2 beside one of 1")
    refuses([1, [2]], "value 1 is 2, value 0 a number")
    refuses([Float32Array.of(1), Int32Array.of(1)], "row 1 is int32, row 0 float32")
    refuses([[1, 2], [3, 4]], "the lists are nested as [2, 2], not as [4]", [4])
    for (const shape of [[-1, -2], [1.5, 2], [NaN], [2 ** 60]]) {
      refuses([1, 2], `the dimensions of a shape are integers from 0 up, got [${shape.join(", ")}]`, shape)
    }
    refuses([1], "a shape is an array of dimensions, got 1", 1 as never)
  })

  it("index refuses what is no integer of 32 bits", () => {
    for (const n of [NaN, 1.9, 2 ** 31, -Infinity]) {
      assert.throws(() => NdArray.index(n), RangeError, `NdArray.index: an integer of 32 bits, got ${n}`)
    }
  })

  it("data have the methods of arrays, whatever their type", () => {
    const { data } = NdArray.index(3)
    assert.strictEqual(data.reduce((sum, value) => sum + value, 0), 3)
    assert.strictEqual(data.reduce((most, value) => Math.max(most, value)), 3)
    assert.strictEqual(data.reduceRight((text, value) => `${text}${value}`, ""), "3")
    assert.deepStrictEqual(data.filter((value) => value > 5).length, 0)
    assert.strictEqual(
      data.map((value) => value + 1).filter((value) => value > 3).slice(0, 1).reduce((a, b) => a + b),
      4
    )
    const part: NdArray.NdArray = { data: data.subarray(0, 1), shape: [1] }
    assert.isTrue(NdArray.isNdArray(part))
    assert.deepStrictEqual([data.map((value) => 2 * value)[0], data.at(0), data.findIndex((value) => value === 3)], [
      6,
      3,
      0
    ])
  })

  it("concat puts arrays of the same kind one behind the other", () => {
    const bytes = (values: ReadonlyArray<number>, shape: ReadonlyArray<number>) =>
      NdArray.make(Uint8Array.from(values), shape)
    assert.deepStrictEqual(
      NdArray.concat([bytes([1, 2], [1, 2, 1]), bytes([], [0, 2, 1]), bytes([3, 4, 5, 6], [2, 2, 1])]),
      bytes([1, 2, 3, 4, 5, 6], [3, 2, 1])
    )
    const alone = NdArray.make([1], [1]), copy = NdArray.concat([alone])
    assert.deepStrictEqual(copy, alone)
    assert.notStrictEqual(copy.data, alone.data)
  })

  it("concat refuses arrays of different kinds, scalars, and none", () => {
    const first = NdArray.make([1, 2], [1, 2])
    const fails = (second: NdArray.NdArray, found: string) =>
      assert.throws(
        () => NdArray.concat([first, second]),
        RangeError,
        `array 1 is ${found}, and does not fit behind float32 [1, 2]`
      )
    fails(NdArray.make([1, 2, 3], [1, 3]), "float32 [1, 3]")
    fails(NdArray.make([1, 2], [2]), "float32 [2]")
    fails(NdArray.make(Int32Array.of(1, 2), [1, 2]), "int32 [1, 2]")
    assert.throws(
      () => NdArray.concat([NdArray.index(1)]),
      RangeError,
      "concat expects arrays with a first dimension, got scalars"
    )
    assert.throws(() => NdArray.concat([]), RangeError, "concat expects arrays with a first dimension, got none")
  })

  it("isNdArray tells arrays from trees of them", () => {
    assert.isTrue(NdArray.isNdArray(NdArray.index(3)))
    for (
      const other of [
        null,
        3,
        [],
        {},
        Float32Array.of(1),
        { data: [1], shape: [1] },
        {
          data: NdArray.index(1),
          shape: []
        },
        { data: Float64Array.of(1), shape: [1] },
        { data: Float32Array.of(1), shape: [2] },
        {
          data: Float32Array.of(1),
          shape: [-1, -1]
        }
      ]
    ) {
      assert.isFalse(NdArray.isNdArray(other))
    }
  })
})
