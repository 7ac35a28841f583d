import { NodeServices } from "@effect/platform-node"
import { assert, describe, it, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { Images, NdArray } from "effect-neuron"
import { inflateSync } from "node:zlib"

/** Width, height, color type and filtered rows of a PNG, read by the specification and by Node's own inflate. */
const parse = (png: Uint8Array) => {
  const view = new DataView(png.buffer, png.byteOffset, png.byteLength)
  assert.deepStrictEqual(Array.from(png.subarray(0, 8)), [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a])
  const data: Array<Uint8Array> = []
  for (let at = 8; at < png.length;) {
    const length = view.getUint32(at), type = String.fromCharCode(...png.subarray(at + 4, at + 8))
    if (type === "IDAT") data.push(png.subarray(at + 8, at + 8 + length))
    at += 12 + length
  }
  return {
    width: view.getUint32(16),
    height: view.getUint32(20),
    depth: png[24],
    colorType: png[25],
    rows: Array.from(inflateSync(Buffer.concat(data)))
  }
}

const image = (height: number, width: number, channels: number) =>
  NdArray.make(Uint8Array.from({ length: height * width * channels }, (_, i) => 7 * i), [height, width, channels])

describe("Images.encodePng", () => {
  it("holds the pixels, with the color type of their channels", () => {
    for (const [channels, colorType] of [[1, 0], [2, 4], [3, 2], [4, 6]] as const) {
      const { data, shape } = image(3, 2, channels), png = parse(Images.encodePng({ data, shape }))
      assert.deepInclude(png, { width: 2, height: 3, depth: 8, colorType })
      const row = 2 * channels
      for (let y = 0; y < 3; y++) {
        // A byte with the filter stands before each row: none.
        assert.strictEqual(png.rows[y * (row + 1)], 0)
        const found = png.rows.slice(y * (row + 1) + 1, (y + 1) * (row + 1))
        assert.deepStrictEqual(found, Array.from(data.subarray(y * row, (y + 1) * row)))
      }
    }
  })

  it("gives the same bytes for the same image, in a buffer of their own", () => {
    const png = Images.encodePng(image(4, 4, 3))
    assert.deepStrictEqual(Images.encodePng(image(4, 4, 3)), png)
    assert.strictEqual(png.buffer.byteLength, png.length)
  })

  it("refuses what is no image of bytes", () => {
    for (const shape of [[4], [2, 2], [1, 1, 2, 2], [2, 1, 5], [0, 2, 1]]) {
      const array = NdArray.make(new Uint8Array(shape.reduce((a, b) => a * b, 1)), shape)
      assert.throws(
        () => Images.encodePng(array),
        RangeError,
        `encodePng expects an image [height, width, 1 to 4 channels], got [${shape.join(", ")}]`
      )
    }
    assert.throws(
      () => Images.encodePng(NdArray.make([0.5], [1, 1, 1])),
      RangeError,
      "encodePng expects bytes, got float32"
    )
  })
})

layer(NodeServices.layer)("Images.writePng", (it) => {
  it.effect("writes the whole file, and makes the folder", () =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem, folder = yield* files.makeTempDirectoryScoped()
      const path = `${folder}/samples/step-1.png`
      yield* Images.writePng(path, image(2, 3, 1))
      yield* Images.writePng(path, image(3, 2, 3))
      assert.deepStrictEqual(Uint8Array.from(yield* files.readFile(path)), Images.encodePng(image(3, 2, 3)))
      assert.deepStrictEqual(yield* files.readDirectory(`${folder}/samples`), ["step-1.png"])
    }))

  it.effect("fails with a DataError where there can be no file", () =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem, folder = yield* files.makeTempDirectoryScoped()
      yield* files.writeFileString(`${folder}/file`, "")
      const error = yield* Effect.flip(Images.writePng(`${folder}/file/step-1.png`, image(1, 1, 1)))
      assert.strictEqual(error._tag, "DataError")
      assert.include(error.message, "expected a file to write")
    }))
})
