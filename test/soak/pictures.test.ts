import { assert, describe, it } from "@effect/vitest"
import { Effect, Result } from "effect"
import { Errors, Images, NdArray } from "effect-neuron"
import { crc32 } from "node:zlib"
import fixtures from "../fixtures/pictures.json" with { type: "json" }
import { fuzz, soak } from "../support/fuzz.ts"
import { pngFile } from "../support/pngFile.ts"
import type { PngForm } from "../support/pngFile.ts"

const bytesOf = (text: string) => Uint8Array.from(Buffer.from(text, "base64"))
const of = (format: string) =>
  fixtures.pictures.filter(({ name }) => name.startsWith(format)).map(({ file }) => bytesOf(file))

/** Whether an image came out; if none did there is a sentence of a typed error. */
const isImage = async (bytes: Uint8Array, what: string): Promise<boolean> => {
  const found = await Effect.runPromise(Effect.result(Images.decode(bytes, { maxPixels: 1e6, source: "fuzz" })))
  if (Result.isSuccess(found)) {
    assert.isTrue(NdArray.isNdArray(found.success) && found.success.shape.length === 3, what)
    return true
  }
  assert.instanceOf(found.failure, Errors.DataError, what)
  assert.match(found.failure.message, /^fuzz: expected a PNG or JPEG, found .{4,200}$/, what)
  return false
}

/** The file with checksums that are right, as far as its chunks can be followed. */
const checked = (bytes: Uint8Array): Uint8Array => {
  const out = Uint8Array.from(bytes), view = new DataView(out.buffer)
  for (let at = 8; at + 12 <= out.length;) {
    const end = at + 8 + view.getUint32(at)
    if (end + 4 > out.length) break
    view.setUint32(end, crc32(out.subarray(at + 4, end)))
    at = end + 4
  }
  return out
}

describe("Images.decode, of files that are damaged", () => {
  it("says what is wrong with a PNG, or gives an image: of any bytes in its chunks", async () => {
    const { damaged, next, oneOf } = fuzz(1)
    const forms: ReadonlyArray<PngForm> = [
      { width: 9, height: 7, colorType: 3, depth: 4, palette: [1, 2, 3, 4, 5, 6], transparent: [9], interlaced: true },
      { width: 9, height: 7, colorType: 2, depth: 16, transparent: [1, 2, 3] }
    ]
    const files = [...of("PNG"), ...forms.map((form) => pngFile(form, (x, y) => (x + y) % 2))]
    let images = 0
    for (let round = 0; round < 250 * soak; round++) {
      const bad = damaged(oneOf(files)), bytes = next() < 0.8 ? checked(bad) : bad
      if (await isImage(bytes, Buffer.from(bytes).toString("base64"))) images++
    }
    assert.isAbove(images, 0, "some are right")
  })

  it("says what is wrong with a JPEG, or gives an image", async () => {
    const { damaged, oneOf } = fuzz(2), files = [...of("JPEG"), bytesOf(fixtures.cmyk)]
    let images = 0
    for (let round = 0; round < 50 * soak; round++) {
      const bytes = damaged(oneOf(files))
      if (await isImage(bytes, Buffer.from(bytes).toString("base64"))) images++
    }
    assert.isAbove(images, 0, "some are right")
    assert.isTrue(await isImage(files[0]!, "a right one, after all of these"))
  })
})
