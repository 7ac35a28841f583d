import { assert, describe, it } from "@effect/vitest"
import { fromBfloat16, fromFloat16 } from "../../../src/formats/halves.ts"

describe("16-bit floating point", () => {
  it("binary16 has the values of the standard", () => {
    const known: ReadonlyArray<readonly [bits: number, value: number]> = [
      [0x0000, 0],
      [0x8000, -0],
      [0x0001, 2 ** -24],
      [0x03ff, 1023 * 2 ** -24],
      [0x0400, 2 ** -14],
      [0x3555, 0.333251953125],
      [0x3c00, 1],
      [0x3c01, 1 + 2 ** -10],
      [0xc000, -2],
      [0x7bff, 65504],
      [0x7c00, Infinity],
      [0xfc00, -Infinity],
      [0x7c01, NaN],
      [0xfe00, NaN]
    ]
    for (const [bits, value] of known) assert.deepStrictEqual(fromFloat16(bits), value, bits.toString(16))
  })

  it("binary16 rises from each number to the next, and float32 holds it exactly", () => {
    for (let bits = 1; bits <= 0x7c00; bits++) {
      assert.isAbove(fromFloat16(bits), fromFloat16(bits - 1))
      assert.strictEqual(Math.fround(fromFloat16(bits)), fromFloat16(bits))
      assert.strictEqual(fromFloat16(bits | 0x8000), -fromFloat16(bits))
    }
  })

  it("bfloat16 is the upper half of a float32", () => {
    const known: ReadonlyArray<readonly [bits: number, value: number]> = [
      [0x0000, 0],
      [0x8000, -0],
      [0x0001, 2 ** -133],
      [0x0080, 2 ** -126],
      [0x3f80, 1],
      [0x4049, 3.140625],
      [0xc000, -2],
      [0x7f80, Infinity],
      [0xff80, -Infinity],
      [0x7fc0, NaN],
      [0xff81, NaN]
    ]
    for (const [bits, value] of known) assert.deepStrictEqual(fromBfloat16(bits), value, bits.toString(16))
  })
})
