import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Result, Stream } from "effect"
import { Datasets, Errors, Key, NdArray, Random, Safetensors } from "effect-neuron"

const ROUNDS = 4000
const next = Random.generator(Key.make(11))
const below = (n: number) => Math.floor(next() * n)
const oneOf = <A>(values: ReadonlyArray<A>): A => values[below(values.length)]!
const bytes = (n: number) => Uint8Array.from({ length: n }, () => below(256))

/** A typed error with a sentence, or whole arrays: nothing else comes out of a reader. */
const isSound = (result: Result.Result<ReadonlyArray<NdArray.NdArray>, unknown>, what: string): boolean => {
  if (Result.isSuccess(result)) {
    for (const array of result.success) assert.isTrue(NdArray.isNdArray(array), what)
    return true
  }
  assert.instanceOf(result.failure, Errors.DataError, what)
  const { message } = result.failure as Errors.DataError
  assert.match(message, /^fuzz.*: expected .+, found .+$/s, what)
  // Numbers that are huge by themselves may stand in it, but no file as a whole.
  assert.isBelow(message.length, 4000, what)
  return false
}

describe("Safetensors.decode", () => {
  const deep = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`
  // As JSON text, so that numbers that JavaScript cannot write are among them.
  const fields = [
    ...["0", "-0", "1", "-1", "2", "1.5", "1e400", "-1e400", "9007199254740991", "9007199254740993", "4294967296"],
    ...["NaN", "null", "true", "\"2\"", "\"\"", "{}", "[]", "[2]", "[-1]", "[1e400]", "[\"2\"]", "[[2]]", "[NaN]"],
    ...["[9007199254740991,0]", "[0,9007199254740991]", "[0,8]", "[8,0]", "[0,0]", "[-8,0]", "[0,8,16]", "[0,1e400]"],
    ...[
      "\"F32\"",
      "\"I32\"",
      "\"U8\"",
      "\"BOOL\"",
      "\"f32\"",
      "\"__proto__\"",
      "\"constructor\"",
      deep(40),
      deep(20_000)
    ]
  ]
  const names = ["x", "", "__proto__", "constructor", "__metadata__", "a.b", "\\u0000", "ключ"]
  const entry = () =>
    `{${
      ["dtype", "shape", "data_offsets"].filter(() => next() < 0.95).map((key) =>
        `"${key}":${
          next() < 0.5
            ? oneOf(fields)
            : key === "dtype"
            ? oneOf(["\"F32\"", "\"U8\""])
            : key === "shape"
            ? "[2]"
            : "[0,8]"
        }`
      ).join(",")
    }}`

  it("gives arrays or a DataError, whatever stands in the fields of the header", () => {
    let read = 0
    for (let round = 0; round < ROUNDS; round++) {
      const entries = Array.from(
        { length: 1 + below(3) },
        () => `"${oneOf(names)}":${next() < 0.9 ? entry() : oneOf(fields)}`
      )
      const header = new TextEncoder().encode(`{${entries.join(",")}}`), body = bytes(oneOf([0, 2, 8, 16]))
      const file = new Uint8Array(8 + header.length + body.length)
      new DataView(file.buffer).setBigUint64(0, BigInt(header.length), true)
      file.set(header, 8)
      file.set(body, 8 + header.length)
      const found = Result.map(Safetensors.decode(file, "fuzz"), ({ tensors }) => Object.values(tensors))
      if (isSound(found, entries.join(",").slice(0, 500))) read++
    }
    assert.isAbove(read, 0, "some are right")
  })
})

describe("the readers of IDX", () => {
  const header = (): Uint8Array => {
    const rank = oneOf([0, 1, 1, 2, 3, 4, 255]), out = new DataView(new ArrayBuffer(4 + 4 * rank))
    out.setUint16(0, next() < 0.95 ? 0 : below(65536))
    out.setUint8(2, next() < 0.9 ? oneOf([8, 9, 11, 12, 13, 14]) : below(256))
    out.setUint8(3, rank)
    for (let i = 0; i < rank; i++) {
      out.setUint32(4 + 4 * i, oneOf([0, 1, 1, 2, 3, 28, 65536, 2 ** 30, 2 ** 31, 2 ** 32 - 1]))
    }
    return new Uint8Array(out.buffer)
  }
  const file = (): Uint8Array => {
    const head = header(), whole = new Uint8Array([...head, ...bytes(oneOf([0, 1, 2, 4, 8, 24, 100]))])
    return next() < 0.8 ? whole : whole.subarray(0, below(whole.length))
  }
  const pieces = (whole: Uint8Array) => {
    const at = below(whole.length + 1)
    return Stream.make(whole.subarray(0, at), whole.subarray(at))
  }

  it("give items or a DataError, whatever stands in the header", () => {
    let read = 0
    for (let round = 0; round < ROUNDS; round++) {
      const whole = file()
      const items = Effect.runSync(Effect.result(Stream.runCollect(Datasets.decodeIdx(pieces(whole), "fuzz"))))
      if (isSound(items, whole.subarray(0, 20).join(" "))) read++
    }
    assert.isAbove(read, 0, "some are right")
  })

  it("open a data set or say what is wrong, in memory or not", () => {
    for (let round = 0; round < ROUNDS / 4; round++) {
      const images = file(), labels = file(), inMemory = next() < 0.5
      const files = FileSystem.layerNoop({ stream: (path) => pieces(path === "fuzz images" ? images : labels) })
      const split = { images: "fuzz images", labels: "fuzz labels" }
      const opened = Datasets.idxDataset({ name: "fuzz", classes: ["a", "b"], train: split, test: split, inMemory })
        .pipe(
          Effect.flatMap(({ train }) => Stream.runCollect(train)),
          Effect.map((examples) => examples.flatMap(({ x, y }) => [x, y])),
          Effect.provide(files),
          Effect.result
        )
      isSound(Effect.runSync(opened), images.subarray(0, 20).join(" "))
    }
  })

  it("says that images beyond memory do not fit, before they are read", () => {
    const head = (...sizes: ReadonlyArray<number>) => {
      const out = new DataView(new ArrayBuffer(4 + 4 * sizes.length))
      out.setUint8(2, 8)
      out.setUint8(3, sizes.length)
      sizes.forEach((n, i) => out.setUint32(4 + 4 * i, n))
      return new Uint8Array(out.buffer)
    }
    const count = 2 ** 18, labels = new Uint8Array(count)
    const files = FileSystem.layerNoop({
      stream: (path) =>
        path === "images" ? Stream.make(head(count, 2 ** 15, 2 ** 15)) : Stream.make(head(count), labels)
    })
    const split = { images: "images", labels: "labels" }
    const opened = Datasets.idxDataset({ name: "huge", classes: ["a"], train: split, test: split, inMemory: true })
      .pipe(
        Effect.flatMap(({ train }) => Stream.runDrain(train)),
        Effect.provide(files),
        Effect.flip
      )
    assert.strictEqual(
      Effect.runSync(opened).message,
      "images: expected images that fit into memory, or inMemory: false, found 281474976710656 bytes"
    )
  })
})
