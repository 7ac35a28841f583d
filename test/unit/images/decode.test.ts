import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Result } from "effect"
import { Errors, Images, NdArray } from "effect-neuron"
import { crc32 } from "node:zlib"
import fixtures from "../../fixtures/pictures.json" with { type: "json" }
import { pngFile } from "../../support/pngFile.ts"

const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, "base64"))
const decode = (bytes: Uint8Array, options?: Images.DecodeOptions) => Effect.result(Images.decode(bytes, options))
const problem = (bytes: Uint8Array, options?: Images.DecodeOptions) =>
  Effect.map(Effect.flip(Images.decode(bytes, options)), (error) => {
    assert.instanceOf(error, Errors.DataError)
    return error.message
  })
const file = (name: string) => bytesOf(fixtures.pictures.find((picture) => picture.name === name)!.file)

describe("Images.decode", () => {
  for (const { file, name, pixels, shape } of fixtures.pictures) {
    it.effect(`reads what Pillow writes as Pillow reads it: ${name}`, () =>
      Effect.gen(function*() {
        const found = yield* Images.decode(bytesOf(file))
        assert.deepStrictEqual(found, NdArray.make(bytesOf(pixels), shape))
      }))
  }

  it.effect("reads an image that encodePng wrote, of any channels", () =>
    Effect.gen(function*() {
      for (const channels of [1, 2, 3, 4]) {
        const data = Uint8Array.from({ length: 5 * 7 * channels }, (_, i) => i * 37)
        const image = NdArray.make(data, [5, 7, channels])
        assert.deepStrictEqual(yield* Images.decode(Images.encodePng(image)), image)
      }
    }))

  it.effect("gives the channels that are asked for", () =>
    Effect.gen(function*() {
      const png = Images.encodePng(NdArray.make(Uint8Array.of(200, 100, 50, 128, 10, 20, 30, 0), [1, 2, 4]))
      const read = (options: Images.DecodeOptions) =>
        Effect.map(Images.decode(png, options), ({ data, shape }) => [Array.from(data), shape])
      // By hand: 0.299 * 200 + 0.587 * 100 + 0.114 * 50 = 124.2, on black 128 / 255 of it, on white 127 more.
      assert.deepStrictEqual(yield* read({ channels: 1 }), [[62, 0], [1, 2, 1]])
      assert.deepStrictEqual(yield* read({ channels: 1, background: 255 }), [[189, 255], [1, 2, 1]])
      assert.deepStrictEqual(yield* read({ channels: 2 }), [[124, 128, 18, 0], [1, 2, 2]])
      assert.deepStrictEqual(yield* read({ channels: 3 }), [[100, 50, 25, 0, 0, 0], [1, 2, 3]])
      const gray = Images.encodePng(NdArray.make(Uint8Array.of(9), [1, 1, 1]))
      assert.deepStrictEqual((yield* Images.decode(gray, { channels: 4 })).data, Uint8Array.of(9, 9, 9, 255))
    }))

  it.effect("refuses what is too large, or of another size, by its header alone", () =>
    Effect.gen(function*() {
      const jpeg = file("JPEG 4:2:0"), png = Uint8Array.from(file("PNG gray"))
      new DataView(png.buffer).setUint32(16, 65_000)
      assert.strictEqual(
        yield* problem(png, { maxPixels: 1e6 }),
        "picture: expected a PNG or JPEG, found a PNG of 65000 x 18, more than 1000000 pixels"
      )
      assert.strictEqual(
        yield* problem(png, { size: [18, null] }),
        "picture: expected a PNG or JPEG of any x 18, found a PNG that is broken or cut short"
      )
      assert.strictEqual(
        yield* problem(jpeg, { size: [28, 28], source: "a.jpg" }),
        "a.jpg: expected a PNG or JPEG of 28 x 28, found 21 x 18"
      )
      const huge = Uint8Array.from(jpeg), at = huge.findIndex((byte, i) => byte === 0xff && huge[i + 1] === 0xc0)
      huge.set([0xff, 0xdc, 0xff, 0xdc], at + 5)
      assert.match(yield* problem(huge), /found a JPEG of 65500 x 65500, more than 67108864 pixels$/)
    }))

  it.effect("refuses a PNG that says it has more pixels than its bytes can hold", () =>
    Effect.gen(function*() {
      const small = Uint8Array.from(pngFile({ width: 1, height: 1, colorType: 6, depth: 16 }, () => 0))
      const view = new DataView(small.buffer)
      view.setUint32(16, 8000)
      view.setUint32(20, 8000)
      view.setUint32(29, crc32(small.subarray(12, 29)))
      assert.match(yield* problem(small), /found a PNG with too few pixels$/)
    }))

  it.effect("says what is wrong with a JPEG", () =>
    Effect.gen(function*() {
      const whole = file("JPEG 4:2:0")
      assert.match(yield* problem(bytesOf(fixtures.cmyk)), /found a JPEG in CMYK$/)
      for (let length = 3; length < whole.length; length++) {
        assert.match(yield* problem(whole.subarray(0, length)), /found a JPEG that (is broken|cannot be decoded)/)
      }
      for (const length of [0, 1, 2]) {
        assert.match(yield* problem(whole.subarray(0, length)), /found (neither|nothing)$/)
      }
      const after = yield* Images.decode(Uint8Array.from([...whole, 1, 2, 3]))
      assert.deepStrictEqual(after, yield* Images.decode(whole))
    }))

  it.effect("decodes a picture after one that failed, and many at a time", () =>
    Effect.gen(function*() {
      const whole = file("JPEG gray"), bad = Uint8Array.from(whole)
      bad.fill(0, bad.length - 150, bad.length - 100)
      const each = yield* Effect.forEach([whole, bad, whole, bad, bad, whole], (bytes) => decode(bytes), {
        concurrency: "unbounded"
      })
      assert.deepStrictEqual(each.map(Result.isSuccess), [true, false, true, false, false, true])
    }))
})

describe("Images.read", () => {
  it.effect("says which file it is", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(Images.read("a.txt"))
      assert.strictEqual(error.message, "a.txt: expected a PNG or JPEG, found neither")
    }).pipe(
      Effect.provideService(
        FileSystem.FileSystem,
        FileSystem.makeNoop({ readFile: () => Effect.succeed(new TextEncoder().encode("text")) })
      )
    ))
})
