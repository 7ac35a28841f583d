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
        `array 1 is ${found}, and does not fit behind Float32Array [1, 2]`
      )
    fails(NdArray.make([1, 2, 3], [1, 3]), "Float32Array [1, 3]")
    fails(NdArray.make([1, 2], [2]), "Float32Array [2]")
    fails(NdArray.make(Int32Array.of(1, 2), [1, 2]), "Int32Array [1, 2]")
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
      const other of [null, 3, [], {}, Float32Array.of(1), { data: [1], shape: [1] }, {
        data: NdArray.index(1),
        shape: []
      }]
    ) {
      assert.isFalse(NdArray.isNdArray(other))
    }
  })
})
