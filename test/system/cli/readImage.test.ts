import { assert, describe, it } from "@effect/vitest"
import { decode, encode } from "fast-png"
import type { DecodedPng, ImageData } from "fast-png"
import { grayOf } from "../../../src/cli/readImage.ts"

const gray = (image: ImageData) => Array.from(grayOf(decode(encode(image))))

describe("pictures as gray values", () => {
  it("of 8 and 16 bits, with and without transparency", () => {
    const data = Uint8Array.of(0, 100, 255, 7)
    assert.deepStrictEqual(gray({ width: 2, height: 2, data, channels: 1 }), [0, 100, 255, 7])
    const wide = Uint16Array.of(0, 257 * 100, 65535, 257 * 7)
    assert.deepStrictEqual(gray({ width: 2, height: 2, data: wide, channels: 1, depth: 16 }), [0, 100, 255, 7])
    assert.deepStrictEqual(gray({ width: 2, height: 1, data: Uint8Array.of(200, 255, 200, 51), channels: 2 }), [
      200,
      40
    ])
  })

  it("of colors by their luma", () => {
    const rgb = Uint8Array.of(255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255)
    assert.deepStrictEqual(gray({ width: 4, height: 1, data: rgb, channels: 3 }), [76, 150, 29, 255])
    const rgba = Uint8Array.of(255, 255, 255, 0, 255, 255, 255, 255)
    assert.deepStrictEqual(gray({ width: 2, height: 1, data: rgba, channels: 4 }), [0, 255])
  })

  it("of fewer bits, packed, with rows that end within a byte", () => {
    // Three columns, two rows: 101 and 010 in one bit, then the levels 0 to 3 in two bits.
    const packed = (depth: number, bytes: ReadonlyArray<number>): DecodedPng =>
      ({ width: 3, height: 2, depth, channels: 1, data: Uint8Array.from(bytes) }) as unknown as DecodedPng
    assert.deepStrictEqual(Array.from(grayOf(packed(1, [0b10100000, 0b01000000]))), [255, 0, 255, 0, 255, 0])
    assert.deepStrictEqual(Array.from(grayOf(packed(2, [0b00011000, 0b11000100]))), [0, 85, 170, 255, 0, 85])
    assert.deepStrictEqual(Array.from(grayOf(packed(4, [0x0f, 0x50, 0xa1, 0x20]))), [0, 255, 85, 170, 17, 34])
  })

  it("of a palette, with transparency", () => {
    const png = {
      width: 3,
      height: 1,
      depth: 2,
      channels: 1,
      data: Uint8Array.of(0b00011000),
      palette: [[0, 0, 0], [255, 255, 255], [255, 255, 255, 51]]
    } as unknown as DecodedPng
    assert.deepStrictEqual(Array.from(grayOf(png)), [0, 255, 51])
  })
})
