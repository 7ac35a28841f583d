import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { Checkpoint, Datasets, NdArray } from "effect-neuron"
import { HttpClient, HttpClientResponse } from "effect/http"
import { gzipSync } from "node:zlib"

/** The bytes of an IDX file of bytes. */
const idx = (shape: ReadonlyArray<number>, values: ReadonlyArray<number>): Uint8Array<ArrayBuffer> =>
  Uint8Array.of(0, 0, 8, shape.length, ...shape.flatMap((n) => [0, 0, n >> 8, n & 255]), ...values)

const packed = (bytes: Uint8Array<ArrayBuffer>): Uint8Array<ArrayBuffer> => Uint8Array.from(gzipSync(bytes))

const files = {
  "train-images-idx3-ubyte": idx([3, 2, 2], [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 255]),
  "train-labels-idx1-ubyte": idx([3], [7, 8, 9]),
  "t10k-images-idx3-ubyte": idx([1, 2, 2], [1, 2, 3, 4]),
  "t10k-labels-idx1-ubyte": idx([1], [5])
}

const server = (answer: (address: string) => Uint8Array<ArrayBuffer> | undefined) => {
  const asked: Array<string> = []
  const client = HttpClient.make((request, url) => {
    asked.push(url.href)
    const bytes = answer(url.href)
    return Effect.succeed(HttpClientResponse.fromWeb(request, new Response(bytes, { status: bytes ? 200 : 404 })))
  })
  return { asked, layer: Layer.succeed(HttpClient.HttpClient, client) }
}

describe("Datasets.mnistFrom", () => {
  const check = (data: Datasets.Dataset<NdArray.NdArray, NdArray.NdArray, unknown>) =>
    Effect.gen(function*() {
      assert.deepStrictEqual([data.sizes, data.shapes], [{ train: 3, test: 1 }, { x: [2, 2, 1], y: [] }])
      for (const run of [1, 2]) {
        const train = yield* Stream.runCollect(data.train)
        assert.deepStrictEqual(
          train.map(({ x, y }) => [[...x.data], y.data[0]]),
          [[[0, 1, 2, 3], 7], [[4, 5, 6, 7], 8], [[8, 9, 10, 255], 9]],
          `run ${run}`
        )
      }
      assert.strictEqual(yield* Stream.runCount(data.test), 1)
    })

  it.effect("reads files that a user has chosen, of any spelling, packed or not", () =>
    Effect.gen(function*() {
      const chosen = [
        new File(["unrelated"], "notes.txt"),
        new File([packed(files["train-images-idx3-ubyte"])], "train-images.idx3-ubyte.gz"),
        new File([files["train-labels-idx1-ubyte"]], "train-labels-idx1-ubyte"),
        new File([packed(files["t10k-images-idx3-ubyte"])], "t10k-images-idx3-ubyte.gz"),
        new File([files["t10k-labels-idx1-ubyte"]], "t10k-labels.idx1-ubyte")
      ]
      for (const inMemory of [true, false]) {
        yield* check(yield* Datasets.mnistFrom(chosen, { pixels: "uint8", inMemory }))
      }
      const error = yield* Effect.flip(Datasets.mnistFrom(chosen.slice(0, 4)))
      assert.strictEqual(
        error.message,
        "the files: expected t10k-labels-idx1-ubyte, plain or as .gz, found notes.txt, train-images.idx3-ubyte.gz, " +
          "train-labels-idx1-ubyte, t10k-images-idx3-ubyte.gz"
      )
    }))

  it.effect("reads what an address serves, and asks once", () =>
    Effect.gen(function*() {
      const { asked, layer } = server((address) => {
        const bytes = files[/([^/]+)\.gz$/.exec(address)![1] as keyof typeof files]
        return packed(bytes)
      })
      for (const place of ["http://example.test/mnist", new URL("http://example.test/mnist/")]) {
        asked.splice(0)
        yield* check(yield* Datasets.mnistFrom(place, { pixels: "uint8", inMemory: false }).pipe(Effect.provide(layer)))
        assert.deepStrictEqual(
          asked.sort(),
          Object.keys(files).map((name) => `http://example.test/mnist/${name}.gz`).sort()
        )
      }
    }))

  it.effect("says what could not be fetched", () =>
    Effect.gen(function*() {
      const { layer } = server(() => undefined)
      const error = yield* Datasets.mnistFrom("http://example.test/").pipe(Effect.provide(layer), Effect.flip)
      assert.match(
        error.message,
        /^http:\/\/example\.test\/train-images-idx3-ubyte\.gz: expected a file to read, .*404/
      )
    }))
})

describe("Datasets.layerFiles", () => {
  it.effect("is the files that it is given, and no others", () =>
    Effect.gen(function*() {
      assert.deepStrictEqual(yield* Datasets.idxHeader("a"), { type: "uint8", shape: [3] })
      assert.strictEqual((yield* Stream.runCollect(Datasets.idxItems("a"))).length, 3)
      assert.strictEqual(
        (yield* Effect.flip(Datasets.idxHeader("b"))).message,
        "b: expected a file to read, found no such file"
      )
      assert.match((yield* Effect.flip(Checkpoint.metadata("a"))).message, /^a: /)
      assert.strictEqual(
        (yield* Effect.flip(Checkpoint.metadata("b"))).message,
        "b: cannot be read: no such file"
      )
    }).pipe(Effect.provide(Datasets.layerFiles({ a: new Blob([files["train-labels-idx1-ubyte"]]) }))))
})
