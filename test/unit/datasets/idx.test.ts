import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Path, PlatformError, Stream } from "effect"
import { Datasets, NdArray } from "effect-neuron"
import { gunzipSync, gzipSync } from "node:zlib"

type Setter = (view: DataView, at: number, value: number) => void

/** Writes an IDX file byte by byte, after the description of the format and not with the library. */
const idx = (code: number, width: number, shape: ReadonlyArray<number>, values: ReadonlyArray<number>, set: Setter) => {
  const bytes = new Uint8Array(4 + 4 * shape.length + width * values.length)
  const view = new DataView(bytes.buffer)
  bytes[2] = code
  bytes[3] = shape.length
  shape.forEach((n, i) => view.setUint32(4 + 4 * i, n))
  values.forEach((value, i) => set(view, 4 + 4 * shape.length + width * i, value))
  return bytes
}
const bytesIdx = (shape: ReadonlyArray<number>, values: ReadonlyArray<number>) =>
  idx(0x08, 1, shape, values, (view, at, value) => view.setUint8(at, value))

const upTo = (n: number) => Array.from({ length: n }, (_, i) => i % 251)

const pieces = (bytes: Uint8Array, size: number): Stream.Stream<Uint8Array> =>
  Stream.fromArrays(
    ...Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => [bytes.slice(i * size, (i + 1) * size)])
  )

const decode = (bytes: Uint8Array, size = 65_536) =>
  Stream.runCollect(pieces(bytes, size).pipe(Datasets.decodeIdx("data")))
const failure = (bytes: Uint8Array, size?: number) =>
  Effect.map(Effect.flip(decode(bytes, size)), (error) => {
    assert.strictEqual(error.source, "data")
    return error.message
  })

const inTemporary = <A, E>(
  f: (directory: string, files: FileSystem.FileSystem) => Effect.Effect<A, E, FileSystem.FileSystem | Path.Path>
) =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    return yield* f(yield* files.makeTempDirectoryScoped(), files)
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

describe("decodeIdx", () => {
  it.effect("reads every element type", () =>
    Effect.gen(function*() {
      const cases: ReadonlyArray<[Uint8Array, NdArray.Data]> = [
        [bytesIdx([1, 3], [0, 128, 255]), Uint8Array.of(0, 128, 255)],
        [idx(0x09, 1, [1, 3], [-128, 0, 127], (v, at, x) => v.setInt8(at, x)), Int32Array.of(-128, 0, 127)],
        [
          idx(0x0b, 2, [1, 3], [-32768, 258, 32767], (v, at, x) => v.setInt16(at, x)),
          Int32Array.of(-32768, 258, 32767)
        ],
        [
          idx(0x0c, 4, [1, 3], [-(2 ** 31), 16909060, 2 ** 31 - 1], (v, at, x) => v.setInt32(at, x)),
          Int32Array.of(-(2 ** 31), 16909060, 2 ** 31 - 1)
        ],
        [idx(0x0d, 4, [1, 2], [Math.PI, -0.1], (v, at, x) => v.setFloat32(at, x)), Float32Array.of(Math.PI, -0.1)],
        [idx(0x0e, 8, [1, 2], [Math.PI, 1e30], (v, at, x) => v.setFloat64(at, x)), Float32Array.of(Math.PI, 1e30)]
      ]
      for (const [bytes, data] of cases) {
        const [item] = yield* decode(bytes)
        assert.deepStrictEqual(item, { data, shape: [data.length] })
      }
    }))

  it.effect("reads every rank, plain and packed, whatever the pieces are", () =>
    Effect.gen(function*() {
      for (const shape of [[5], [4, 3], [3, 4, 5], [2, 3, 4, 5]]) {
        const length = shape.slice(1).reduce((a, b) => a * b, 1)
        const values = upTo(shape[0]! * length)
        const bytes = bytesIdx(shape, values)
        const expected = Array.from({ length: shape[0]! }, (_, i) => ({
          data: Uint8Array.from(values.slice(i * length, (i + 1) * length)),
          shape: shape.slice(1)
        }))
        for (const size of [1, 3, 7, 65_536]) {
          assert.deepStrictEqual(yield* decode(bytes, size), expected)
          assert.deepStrictEqual(yield* decode(new Uint8Array(gzipSync(bytes)), size), expected)
        }
      }
    }))

  it.effect("gives every item an array of its own", () =>
    Effect.gen(function*() {
      const items = yield* decode(bytesIdx([50, 10], upTo(500)))
      assert.strictEqual(new Set(items.map(({ data }) => data.buffer)).size, 50)
    }))

  it.effect("reads a file without items", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* decode(bytesIdx([0, 28, 28], [])), [])
    }))

  it.effect("says what is wrong with a header", () =>
    Effect.gen(function*() {
      const [expectedItems, types] = ["items of 1 to 1073741824 bytes", "0x08, 0x09, 0x0b, 0x0c, 0x0d, 0x0e"]
      assert.strictEqual(yield* failure(new Uint8Array(0)), "data: expected IDX data, found no bytes at all")
      for (const n of [1, 3]) {
        assert.strictEqual(
          yield* failure(bytesIdx([2, 2], [1, 2, 3, 4]).slice(0, n)),
          `data: expected an IDX header of 4 bytes, found only ${n}`
        )
      }
      assert.strictEqual(
        yield* failure(bytesIdx([2, 2], [1, 2, 3, 4]).slice(0, 9)),
        "data: expected an IDX header of 12 bytes, found only 9"
      )
      assert.strictEqual(
        yield* failure(new TextEncoder().encode("<!doctype html>")),
        "data: expected IDX data, which begin with two zero bytes, found 0x3c 0x21"
      )
      assert.strictEqual(
        yield* failure(Uint8Array.of(0, 0, 0x0a, 1, 0, 0, 0, 0)),
        `data: expected an IDX element type, one of ${types}, found 0x0a`
      )
      assert.strictEqual(yield* failure(Uint8Array.of(0, 0, 8, 0)), "data: expected at least one dimension, found none")
      assert.strictEqual(
        yield* failure(bytesIdx([4, 0], [])),
        `data: expected ${expectedItems}, found items of 0 bytes, the shape being [4, 0]`
      )
      assert.strictEqual(
        yield* failure(bytesIdx([1, 65536, 65536], [])),
        `data: expected ${expectedItems}, found items of 4294967296 bytes, the shape being [1, 65536, 65536]`
      )
    }))

  it.effect("says where data are cut short, after the items before", () =>
    Effect.gen(function*() {
      const bytes = bytesIdx([4, 10], upTo(40))
      for (const size of [1, 16, 65_536]) {
        assert.strictEqual(
          yield* failure(bytes.slice(0, -15), size),
          "data: expected 4 items of 10 bytes, found the end after 2 items and 5 bytes"
        )
      }
      const seen: Array<number> = []
      const cut = pieces(bytes.slice(0, -15), 65_536).pipe(Datasets.decodeIdx("data"))
      yield* Effect.flip(Stream.runForEach(cut, ({ data }) => Effect.sync(() => seen.push(data[0]!))))
      assert.deepStrictEqual(seen, [0, 10])
    }))

  it.effect("finds bytes after the last item", () =>
    Effect.gen(function*() {
      const longer = new Uint8Array([...bytesIdx([2, 2], [1, 2, 3, 4]), 5])
      for (const size of [1, 65_536]) {
        assert.strictEqual(
          yield* failure(longer, size),
          "data: expected the end of the data after 2 items, found more bytes"
        )
      }
    }))

  it.effect("finds gzip data that are cut short, damaged, or followed by others", () =>
    Effect.gen(function*() {
      const packed = new Uint8Array(gzipSync(bytesIdx([400, 100], upTo(40_000))))
      const badChecksum = packed.slice()
      badChecksum[packed.length - 8]! ^= 0xff
      const junk = new Uint8Array([...packed, ...new TextEncoder().encode("junk")])
      const wrong = [packed.slice(0, -200), packed.slice(0, -4), packed.slice(0, 2), badChecksum, junk]
      for (const bytes of wrong) {
        assert.match(
          yield* failure(bytes),
          /^data: expected one whole gzip stream, found one that is cut short, damaged or followed by other data \(.+\)$/
        )
      }
    }))

  it.effect("passes a failure of its source on, plain and packed", () =>
    Effect.gen(function*() {
      const bytes = bytesIdx([400, 100], upTo(40_000))
      for (const data of [bytes, new Uint8Array(gzipSync(bytes))]) {
        const broken = Stream.concat(pieces(data.slice(0, 100), 10), Stream.fail("broken" as const))
        assert.strictEqual(yield* Effect.flip(Stream.runDrain(broken.pipe(Datasets.decodeIdx("data")))), "broken")
      }
    }))

  it.effect("reads no more than it needs, and lets go of its source", () =>
    Effect.gen(function*() {
      // Bytes that gzip cannot pack, so that what is read can be compared with what there is.
      let word = 1
      const random = Uint8Array.from(
        { length: 4_000_000 },
        () => (word = Math.imul(word, 1_103_515_245) + 12_345) >>> 16
      )
      const bytes = new Uint8Array([...bytesIdx([4000, 1000], []), ...random])
      for (const data of [bytes, new Uint8Array(gzipSync(bytes, { level: 1 }))]) {
        let read = 0, closed = 0
        const source = pieces(data, 10_000).pipe(
          Stream.map((piece) => (read += piece.length, piece)),
          Stream.ensuring(Effect.sync(() => closed++))
        )
        const items = yield* Stream.runCollect(source.pipe(Datasets.decodeIdx("data"), Stream.take(1)))
        assert.deepStrictEqual(items[0]!.data, random.slice(0, 1000))
        assert.isBelow(read, 1_000_000)
        assert.strictEqual(closed, 1)
      }
    }))
})

describe("idxHeader, idxItems, writeIdx", () => {
  it.effect("write what zlib and the format's description read", () =>
    inTemporary((directory, files) =>
      Effect.gen(function*() {
        const values = upTo(300)
        const path = `${directory}/images`
        yield* Datasets.writeIdx(path, NdArray.make(Uint8Array.from(values), [3, 10, 10]))
        const plain = new Uint8Array(yield* files.readFile(path))
        assert.deepStrictEqual(plain, bytesIdx([3, 10, 10], values))
        yield* Datasets.writeIdx(`${path}.gz`, NdArray.make(Uint8Array.from(values), [3, 10, 10]), { gzip: true })
        const packed = yield* files.readFile(`${path}.gz`)
        assert.deepStrictEqual(new Uint8Array(gunzipSync(packed)), plain)
        assert.deepStrictEqual((yield* files.readDirectory(directory)).sort(), ["images", "images.gz"])
      })
    ))

  it.effect("write what they read, in every type and rank", () =>
    inTemporary((directory) =>
      Effect.gen(function*() {
        const arrays = [
          NdArray.make(Uint8Array.of(1, 2, 3), [3]),
          NdArray.make(Int32Array.of(-1, 2 ** 30, 3, -4), [2, 2]),
          NdArray.make(Float32Array.from({ length: 200_000 }, (_, i) => Math.sin(i)), [2, 100, 1000]),
          NdArray.make(new Uint8Array(0), [0, 5])
        ]
        for (const array of arrays) {
          for (const gzip of [false, true]) {
            const path = `${directory}/array`
            yield* Datasets.writeIdx(path, array, { gzip })
            const type = array.data instanceof Float32Array
              ? "float32"
              : array.data instanceof Int32Array
              ? "int32"
              : "uint8"
            assert.deepStrictEqual(yield* Datasets.idxHeader(path), { type, shape: array.shape })
            const items = yield* Stream.runCollect(Datasets.idxItems(path))
            assert.deepStrictEqual(items.flatMap(({ data }) => Array.from(data)), Array.from(array.data))
            for (const item of items) assert.deepStrictEqual(item.shape, array.shape.slice(1))
          }
        }
      })
    ))

  it.effect("name a file that is missing, may not be read, or is a directory", () =>
    inTemporary((directory) =>
      Effect.gen(function*() {
        const message = (path: string) =>
          Effect.map(Effect.flip(Stream.runDrain(Datasets.idxItems(path))), (error) => error.message)
        assert.strictEqual(
          yield* message(`${directory}/none`),
          `${directory}/none: expected a file to read, found no such file`
        )
        assert.match(yield* message(directory), /: expected a file to read, found a folder$/)
        const denied = PlatformError.systemError({
          _tag: "PermissionDenied",
          module: "FileSystem",
          method: "open"
        })
        const locked = FileSystem.makeNoop({ stream: () => Stream.fail(denied) })
        const error = yield* Effect.flip(Effect.provideService(Datasets.idxHeader("x"), FileSystem.FileSystem, locked))
        assert.strictEqual(error.message, "x: expected a file to read, found no permission")
      })
    ))

  it.effect("leave nothing behind when a file cannot be written", () =>
    inTemporary((directory, files) =>
      Effect.gen(function*() {
        const array = NdArray.make([1, 2], [2])
        yield* files.writeFileString(`${directory}/file`, "where a directory should be")
        const error = yield* Effect.flip(Datasets.writeIdx(`${directory}/file/x`, array))
        assert.match(error.message, /file\/x: expected a file to write, found /)
        // A directory of that name is in the way only when the finished file gets it.
        yield* files.makeDirectory(`${directory}/taken/inside`, { recursive: true })
        assert.strictEqual(
          (yield* Effect.flip(Datasets.writeIdx(`${directory}/taken`, array))).expected,
          "a file to write"
        )
        assert.deepStrictEqual((yield* files.readDirectory(directory)).sort(), ["file", "taken"])
      })
    ))

  it.effect("refuse an array that IDX cannot hold", () =>
    inTemporary((directory, files) =>
      Effect.gen(function*() {
        for (const array of [NdArray.index(1), { data: new Float32Array(3), shape: [2] }, NdArray.make([], [2, 0])]) {
          const error = yield* Effect.flip(Datasets.writeIdx(`${directory}/x`, array))
          assert.strictEqual(error.expected, "an array of 1 to 255 dimensions, none but the first of which may be 0")
        }
        assert.deepStrictEqual(yield* files.readDirectory(directory), [])
      })
    ))
})
