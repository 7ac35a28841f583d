import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Result } from "effect"
import { readImage } from "../../../src/cli/readImage.ts"
import { pngFile } from "../../support/pngFile.ts"
import type { PngForm } from "../../support/pngFile.ts"

const SIZE = 28

/** What is read of a file's bytes. */
const read = (bytes: Uint8Array, invert = false) =>
  readImage("digit.png", { invert, shape: [SIZE, SIZE, 1], range: [0, 255] }).pipe(
    Effect.provideService(FileSystem.FileSystem, FileSystem.makeNoop({ readFile: () => Effect.succeed(bytes) })),
    Effect.result,
    Effect.runPromise
  )
const pixels = async (bytes: Uint8Array, invert = false) =>
  Array.from(Result.getOrThrow(await read(bytes, invert)).data)

const square = { width: SIZE, height: SIZE }
const kinds: ReadonlyArray<Pick<PngForm, "colorType" | "depth">> = [
  ...([1, 2, 4, 8, 16] as const).map((depth) => ({ colorType: 0, depth }) as const),
  ...([1, 2, 4, 8] as const).map((depth) => ({ colorType: 3, depth }) as const),
  ...([2, 4, 6] as const).flatMap((colorType) => ([8, 16] as const).map((depth) => ({ colorType, depth })))
]
const forms = [false, true].flatMap((interlaced) =>
  kinds.map((kind): PngForm => Object.assign({ interlaced }, square, kind))
)

const palette = [250, 20, 30, 40, 210, 60, 70, 80, 190, 100, 110, 120], alphas = [0, 128]

/** Samples that differ at every place, and the gray value and the alpha, from 0 to 1, that they mean. */
const pictureOf = ({ colorType, depth, transparent }: PngForm) => {
  const most = 2 ** depth - 1, kinds = colorType === 3 ? Math.min(4, most + 1) : most + 1
  const sample = (x: number, y: number, c: number) => (x * 7919 + y * 104_729 + c * 31_337) % kinds
  const luma = (r: number, g: number, b: number) => 0.299 * r + 0.587 * g + 0.114 * b
  const meaning = (x: number, y: number): readonly [gray: number, alpha: number] => {
    const at = (c: number) => sample(x, y, c) / most
    if (colorType === 3) {
      const place = sample(x, y, 0), [r, g, b] = palette.slice(3 * place)
      return [luma(r!, g!, b!) / 255, transparent === undefined ? 1 : (alphas[place] ?? 255) / 255]
    }
    const isClear = transparent?.every((value, c) => value === sample(x, y, c)) ?? false
    return colorType === 0 || colorType === 4
      ? [at(0), colorType === 4 ? at(1) : Number(!isClear)]
      : [luma(at(0), at(1), at(2)), colorType === 6 ? at(3) : Number(!isClear)]
  }
  return { sample, meaning }
}

describe("pictures that are predicted", () => {
  for (const form of forms) {
    const { colorType, depth, interlaced } = form
    it(`of color type ${colorType}, ${depth} bits${interlaced ? ", interlaced" : ""}, with and without transparency`, async () => {
      const { sample } = pictureOf(form)
      const clear = colorType === 3 ? alphas : [0, 1, 2].slice(0, colorType === 0 ? 1 : 3).map((c) => sample(3, 2, c))
      for (const transparent of [undefined, ...(colorType < 4 ? [clear] : [])]) {
        const whole = { ...form, ...(colorType === 3 ? { palette } : {}), ...(transparent ? { transparent } : {}) }
        const { meaning, sample } = pictureOf(whole), file = pngFile(whole, sample)
        for (const invert of [false, true]) {
          const ground = invert ? 1 : 0
          const found = await pixels(file, invert)
          found.forEach((value, i) => {
            const [gray, alpha] = meaning(i % SIZE, Math.floor(i / SIZE)), seen = gray * alpha + ground * (1 - alpha)
            // Samples of 16 bits and their alpha are rounded to bytes before they are mixed.
            const near = depth === 16 ? 1.501 : 0.501
            assert.approximately(value, 255 * (invert ? 1 - seen : seen), near, `${i}`)
          })
        }
      }
    })
  }

  it("of a black digit on nothing is the white one on black, inverted", async () => {
    const form: PngForm = { ...square, colorType: 4, depth: 8 }
    const digit = pngFile(form, (x, y, c) => c === 0 ? 0 : x === y ? 255 : 0)
    assert.deepStrictEqual(
      await pixels(digit, true),
      Array.from({ length: SIZE ** 2 }, (_, i) => i % 29 === 0 ? 255 : 0)
    )
  })

  it("with any bit that was flipped, or cut anywhere, are refused", async () => {
    const form: PngForm = { ...square, colorType: 0, depth: 8 }, whole = pngFile(form, (x, y) => x * y % 256)
    const refused = async (bytes: Uint8Array, what: string) => {
      const result = await read(bytes)
      assert.isTrue(Result.isFailure(result), what)
      if (Result.isFailure(result)) {
        assert.strictEqual(result.failure._tag, "DataError")
        assert.match(
          result.failure.message,
          /^digit\.png: expected a PNG or JPEG of 28 x 28, found (neither|nothing|a PNG .+|\d+ x \d+)$/
        )
      }
    }
    for (let bit = 0; bit < 8 * whole.length; bit++) {
      const broken = Uint8Array.from(whole)
      broken[bit >> 3]! ^= 1 << (bit & 7)
      await refused(broken, `bit ${bit}`)
    }
    for (let length = 0; length < whole.length; length++) await refused(whole.subarray(0, length), `${length} bytes`)
  })

  it("with fewer or more pixels than they say, or none, are refused", async () => {
    const form: PngForm = { ...square, colorType: 0, depth: 8 }
    for (const [height, found] of [[27, "too few pixels"], [29, "too many pixels"]] as const) {
      const file = pngFile({ ...form, height }, () => 7), header = pngFile(form, () => 7).subarray(0, 33)
      const result = await read(Uint8Array.from([...header, ...file.subarray(33)]))
      assert.isTrue(Result.isFailure(result) && result.failure.message.includes(found), found)
    }
    const whole = pngFile(form, () => 7), none = [...whole.subarray(0, 33), ...whole.subarray(-12)]
    assert.isTrue(Result.isFailure(await read(Uint8Array.from(none))))
  })

  it("of another size are refused by what their header says", async () => {
    const huge = Uint8Array.from(pngFile({ ...square, colorType: 0, depth: 8 }, () => 0))
    new DataView(huge.buffer).setUint32(16, 2 ** 31 - 1)
    const result = await read(huge)
    assert.isTrue(Result.isFailure(result) && result.failure.message.endsWith("found 2147483647 x 28"))
  })
})
