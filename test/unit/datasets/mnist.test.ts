import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, Exit, Fiber, FileSystem, Layer, Path, Stream } from "effect"
import { Datasets, NdArray, Pipeline } from "effect-neuron"
import { HttpClient, HttpClientError, HttpClientResponse } from "effect/http"
import { TestClock } from "effect/testing"
import { gzipSync } from "node:zlib"
import { download } from "../../../src/datasets/download.ts"

const names = [
  "train-images-idx3-ubyte",
  "train-labels-idx1-ubyte",
  "t10k-images-idx3-ubyte",
  "t10k-labels-idx1-ubyte"
] as const
const real = process.env["MNIST_DIR"]

type Env = { readonly [name: string]: string }

const inTemporary = (
  f: (
    directory: string,
    files: FileSystem.FileSystem
  ) => Effect.Effect<void, unknown, FileSystem.FileSystem | Path.Path>
) =>
(env: Env | ((directory: string) => Env) = {}) =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    const directory = yield* files.makeTempDirectoryScoped()
    const provider = ConfigProvider.fromUnknown(typeof env === "function" ? env(directory) : env)
    yield* f(directory, files).pipe(Effect.provide(ConfigProvider.layer(provider)))
  }).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

/** Files of the form of MNIST with few images, pixel `p` of image `i` being `i + p` modulo 256, its label `i % 10`. */
const writeFake = (
  directory: string,
  options: { readonly train?: number; readonly labels?: number; rename?: Env } = {}
) =>
  Effect.gen(function*() {
    const { labels, rename = {}, train = 70 } = options
    const images = (n: number) =>
      NdArray.make(Uint8Array.from({ length: n * 784 }, (_, j) => Math.floor(j / 784) + j % 784), [n, 28, 28])
    const classes = (n: number) => NdArray.make(Uint8Array.from({ length: n }, (_, i) => i % 10), [n])
    const arrays = [images(train), classes(labels ?? train), images(20), classes(20)]
    for (const [i, name] of names.entries()) {
      yield* Datasets.writeIdx(`${directory}/${rename[name] ?? name}`, arrays[i]!, {
        gzip: (rename[name] ?? name).endsWith(".gz")
      })
    }
  })

const messageOf = <A, E extends { readonly message: string }, R>(effect: Effect.Effect<A, E, R>) =>
  Effect.map(Effect.flip(effect), (error) => error.message)

/** An HTTP client that answers from a table and lists what it was asked for. */
const client = (answer: (url: string) => Response | "refused" | "silent") => {
  const asked: Array<string> = []
  const service = HttpClient.make((request, url) => {
    asked.push(url.href)
    const response = answer(url.href)
    if (response === "silent") return Effect.never
    return response === "refused"
      ? Effect.fail(
        new HttpClientError.HttpClientError({
          reason: new HttpClientError.TransportError({ request, cause: new Error("connection\nrefused") })
        })
      )
      : Effect.succeed(HttpClientResponse.fromWeb(request, response))
  })
  return { asked, layer: Layer.succeed(HttpClient.HttpClient, service) }
}

describe("mnist in a directory", () => {
  it.effect(
    "reads images from 0 to 1 and class indices",
    () =>
      inTemporary((directory) =>
        Effect.gen(function*() {
          yield* writeFake(directory)
          const data = yield* Datasets.mnist({ directory })
          assert.deepStrictEqual([data.name, data.shapes, data.sizes, data.classes], [
            "mnist",
            { x: [28, 28, 1], y: [] },
            { train: 70, test: 20 },
            ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"]
          ])
          // The second run comes from memory.
          for (const run of [1, 2]) {
            const train = yield* Stream.runCollect(data.train)
            assert.strictEqual(train.length, 70)
            train.forEach(({ x, y }, i) => {
              assert.deepStrictEqual(x.shape, [28, 28, 1])
              assert.deepStrictEqual(
                x.data,
                Float32Array.from({ length: 784 }, (_, p) => (i + p) % 256 / 255),
                `run ${run}`
              )
              assert.deepStrictEqual(y, NdArray.index(i % 10))
            })
          }
          assert.strictEqual(yield* Stream.runCount(data.test), 20)
        })
      )()
  )

  it.effect("finds packed files and dotted names, by MNIST_DIR too", () =>
    inTemporary((directory) =>
      Effect.gen(function*() {
        yield* writeFake(directory, {
          rename: {
            "train-images-idx3-ubyte": "train-images.idx3-ubyte",
            "t10k-labels-idx1-ubyte": "t10k-labels.idx1-ubyte.gz",
            "train-labels-idx1-ubyte": "train-labels-idx1-ubyte.gz"
          }
        })
        const data = yield* Datasets.mnist()
        assert.deepStrictEqual(data.sizes, { train: 70, test: 20 })
        assert.strictEqual(yield* Stream.runCount(data.train), 70)
      })
    )((directory) => ({ MNIST_DIR: directory })))

  it.effect("gives the same batches from bytes that are normalized later, in memory or not", () =>
    inTemporary((directory) =>
      Effect.gen(function*() {
        yield* writeFake(directory)
        const batches = (pixels: Datasets.Pixels, inMemory: boolean) =>
          Effect.map(Datasets.mnist({ directory, pixels, inMemory }), ({ train }) =>
            train.pipe(
              Pipeline.shuffle({ buffer: 30, seed: 1 }),
              Pipeline.batch(16),
              Pipeline.normalize({ from: [0, pixels === "uint8" ? 255 : 1] }),
              Pipeline.epochs(2)
            ))
        const floats = yield* Effect.flatMap(batches("float32", true), Stream.runCollect)
        const bytes = yield* Effect.flatMap(batches("uint8", true), Stream.runCollect)
        assert.strictEqual(floats.length, 10)
        assert.deepStrictEqual(yield* Effect.flatMap(batches("float32", false), Stream.runCollect), floats)
        assert.deepStrictEqual(yield* Effect.flatMap(batches("uint8", false), Stream.runCollect), bytes)
        bytes.forEach(({ epoch, x, y }, i) => {
          assert.deepStrictEqual([y, epoch], [floats[i]!.y, floats[i]!.epoch])
          assert.deepStrictEqual(x.shape, floats[i]!.x.shape)
          // `floats` went through an identity, which rounds once more.
          x.data.forEach((value, j) => assert.approximately(value, floats[i]!.x.data[j]!, 1e-7))
        })
      })
    )())

  it.effect("keeps nothing of a run that was not whole", () =>
    inTemporary((directory) =>
      Effect.gen(function*() {
        yield* writeFake(directory)
        const { train } = yield* Datasets.mnist({ directory })
        const [first] = yield* Stream.runCollect(Stream.take(train, 1))
        const all = yield* Stream.runCollect(train)
        assert.strictEqual(all.length, 70)
        assert.deepStrictEqual(all[0], first)
      })
    )())

  it.effect("names the first file that is missing, and its directory", () =>
    inTemporary((directory, files) =>
      Effect.gen(function*() {
        yield* writeFake(directory)
        yield* files.remove(`${directory}/t10k-images-idx3-ubyte`)
        assert.strictEqual(
          yield* messageOf(Datasets.mnist({ directory })),
          `${directory}: expected t10k-images-idx3-ubyte or t10k-images-idx3-ubyte.gz, found no such file`
        )
      })
    )())

  it.effect("finds files that do not belong together", () =>
    inTemporary((directory) =>
      Effect.gen(function*() {
        yield* writeFake(directory, { train: 70, labels: 69 })
        assert.strictEqual(
          yield* messageOf(Datasets.mnist({ directory })),
          `${directory}/train-labels-idx1-ubyte: expected 70 labels, one for each of ` +
            `${directory}/train-images-idx3-ubyte, found uint8 of the shape [69]`
        )
        yield* writeFake(directory)
        const labels = `${directory}/t10k-labels-idx1-ubyte`
        yield* Datasets.writeIdx(labels, NdArray.make(new Uint8Array(20).fill(10, 3, 4), [20]))
        assert.strictEqual(
          yield* messageOf(Datasets.mnist({ directory })),
          `${labels}, label 3: expected 0 to 9, found 10`
        )
        const images = `${directory}/t10k-images-idx3-ubyte`
        yield* Datasets.writeIdx(images, NdArray.make(new Uint8Array(20), [20]))
        assert.strictEqual(
          yield* messageOf(Datasets.mnist({ directory })),
          `${images}: expected uint8 images, [count, height, width] or with channels, found uint8 of the shape [20]`
        )
        yield* Datasets.writeIdx(images, NdArray.make(new Uint8Array(20 * 9), [20, 3, 3]))
        yield* Datasets.writeIdx(labels, NdArray.make(new Uint8Array(20), [20]))
        assert.strictEqual(
          yield* messageOf(Datasets.mnist({ directory })),
          `${images}: expected images of the shape [28, 28, 1], as those to train with, found [3, 3, 1]`
        )
      })
    )())

  it.effect("finds a file that has become another one since it was opened", () =>
    inTemporary((directory) =>
      Effect.gen(function*() {
        yield* writeFake(directory)
        const { train } = yield* Datasets.mnist({ directory })
        yield* writeFake(directory, { train: 80 })
        assert.strictEqual(
          yield* messageOf(Stream.runDrain(train)),
          `${directory}/train-images-idx3-ubyte: expected uint8 of the shape [70, 28, 28], as when it was opened, ` +
            "found uint8 of the shape [80, 28, 28]"
        )
      })
    )())

  it.effect("finds images that are cut short when they are read, on every run", () =>
    inTemporary((directory, files) =>
      Effect.gen(function*() {
        yield* writeFake(directory)
        const images = `${directory}/train-images-idx3-ubyte`
        yield* files.truncate(images, 16 + 784 * 5 + 1)
        const { train } = yield* Datasets.mnist({ directory })
        for (const run of [1, 2]) {
          assert.strictEqual(
            yield* messageOf(Stream.runDrain(train)),
            `${images}: expected 70 items of 784 bytes, found the end after 5 items and 1 bytes`,
            `run ${run}`
          )
        }
      })
    )())
})

describe("mnist from the network", () => {
  const cached = (directory: string) => ({ XDG_CACHE_HOME: `${directory}/cache` })

  it.effect("says in one line that it is not available, which can be caught", () =>
    inTemporary((directory, files) =>
      Effect.gen(function*() {
        const { asked, layer } = client((url) => url.includes("ossci") ? "refused" : new Response("", { status: 503 }))
        const error = yield* Effect.flip(Datasets.mnist().pipe(Effect.provide(layer)))
        assert.match(
          error.message,
          /^MNIST is not available \(https:\/\/ossci-\S+: .+; https:\/\/storage\S+: .*503.*\): set MNIST_DIR to [^\n]+$/
        )
        assert.notInclude(error.message, "\n")
        assert.deepStrictEqual(asked.map((url) => new URL(url).host), [
          "ossci-datasets.s3.amazonaws.com",
          "storage.googleapis.com"
        ])
        const other = yield* Datasets.mnist().pipe(
          Effect.provide(layer),
          Effect.catchTag("DatasetUnavailable", () => Effect.succeed(Datasets.digits()))
        )
        assert.strictEqual(other.name, "digits")
        assert.deepStrictEqual(yield* files.readDirectory(`${directory}/cache/effect-neuron/mnist`), [])
      })
    )(cached))

  it.effect("does not ask the network if it may not, or has no cache", () =>
    Effect.gen(function*() {
      const { asked, layer } = client(() => "refused")
      const run = inTemporary(() =>
        Effect.gen(function*() {
          const error = yield* Effect.flip(Datasets.mnist({ download: false }).pipe(Effect.provide(layer)))
          assert.strictEqual(error.name, "DatasetUnavailable")
          assert.deepStrictEqual(asked, [])
        })
      )
      yield* run(cached)
      yield* run({})
      yield* run((directory) => ({ HOME: directory, MNIST_DIR: "" }))
    }))

  it.effect("is not available where no cache can be made", () =>
    inTemporary((directory, files) =>
      Effect.gen(function*() {
        yield* files.writeFileString(`${directory}/cache`, "a file")
        const error = yield* Effect.flip(Datasets.mnist().pipe(Effect.provide(client(() => "refused").layer)))
        assert.strictEqual(error.name, "DatasetUnavailable")
        assert.include(error.message, `${directory}/cache/effect-neuron/mnist: expected a directory to write to`)
      })
    )(cached))

  it.effect("reads the cache without the network", () =>
    inTemporary((directory, files) =>
      Effect.gen(function*() {
        const cache = `${directory}/.cache/effect-neuron/mnist`
        yield* files.makeDirectory(cache, { recursive: true })
        yield* writeFake(cache)
        const { asked, layer } = client(() => "refused")
        const data = yield* Datasets.mnist().pipe(Effect.provide(layer))
        assert.strictEqual(yield* Stream.runCount(data.train), 70)
        assert.deepStrictEqual(asked, [])
      })
    )((directory) => ({ HOME: directory })))

  it.effect.skipIf(real === undefined)(
    `fetches the real files once and checks them${real === undefined ? " (skipped without MNIST_DIR)" : ""}`,
    () =>
      inTemporary((directory, files) =>
        Effect.gen(function*() {
          const bodies = new Map<string, Uint8Array<ArrayBuffer>>()
          for (const name of names) {
            bodies.set(`${name}.gz`, new Uint8Array(yield* files.readFile(`${real}/${name}.gz`)))
          }
          const { asked, layer } = client((url) => {
            const name = url.slice(url.lastIndexOf("/") + 1)
            return url.includes("ossci") && name.includes("labels")
              ? new Response(gzipSync("something else"))
              : new Response(bodies.get(name)!)
          })
          const data = yield* Datasets.mnist().pipe(Effect.provide(layer))
          assert.deepStrictEqual(data.sizes, { train: 60_000, test: 10_000 })
          assert.strictEqual(asked.length, 6)
          yield* Datasets.mnist().pipe(Effect.provide(layer))
          assert.strictEqual(asked.length, 6)
          const cache = yield* files.readDirectory(`${directory}/cache/effect-neuron/mnist`)
          assert.deepStrictEqual(cache.sort(), names.map((name) => `${name}.gz`).sort())
        })
      )(cached)
  )
})

describe("download", () => {
  // The SHA-256 of "abc" (FIPS 180-2, appendix B.1).
  const sha256 = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
  const abc = () => new Response(gzipSync("abc"))

  it.effect("tries each address in turn and says what came of each", () =>
    inTemporary((directory, files) =>
      Effect.gen(function*() {
        const answers: { [url: string]: () => Response | "refused" } = {
          "http://a/": () => "refused",
          "http://b/": () => new Response(gzipSync("abd")),
          "http://c/": () => new Response("no gzip"),
          "http://d/": abc
        }
        const { asked, layer } = client((url) => answers[url]!())
        const path = `${directory}/abc.gz`
        yield* download({ urls: Object.keys(answers), sha256, path }).pipe(Effect.provide(layer))
        assert.deepStrictEqual(asked, Object.keys(answers))
        assert.deepStrictEqual(new Uint8Array(yield* files.readFile(path)), new Uint8Array(gzipSync("abc")))

        const error = yield* Effect.flip(
          download({ urls: ["http://a/", "http://b/", "http://c/"], sha256, path: `${directory}/x` }).pipe(
            Effect.provide(layer)
          )
        )
        assert.match(
          error.message,
          /^http:\/\/a\/: .+; http:\/\/b\/: expected the SHA-256 ba78\w+, found \w+; http:\/\/c\/: /
        )
        assert.deepStrictEqual(yield* files.readDirectory(directory), ["abc.gz"])
      })
    )())

  it.effect("does not wait for ever for an address that does not answer", () =>
    inTemporary((directory) =>
      Effect.gen(function*() {
        const { asked, layer } = client((url) => url === "http://a/" ? "silent" : abc())
        const fiber = yield* download({ urls: ["http://a/"], sha256, path: `${directory}/x` }).pipe(
          Effect.provide(layer),
          Effect.flip,
          Effect.forkChild
        )
        yield* TestClock.adjust("1 minute")
        assert.strictEqual((yield* Fiber.join(fiber)).message, "http://a/: no answer in time")
        assert.deepStrictEqual(asked, ["http://a/"])
      })
    )())

  it.effect("fails with a DataError if it cannot write", () =>
    inTemporary((directory, files) =>
      Effect.gen(function*() {
        const { layer } = client(abc)
        yield* files.writeFileString(`${directory}/file`, "where a directory should be")
        const path = `${directory}/file/abc.gz`
        const error = yield* Effect.flip(download({ urls: ["http://a/"], sha256, path }).pipe(Effect.provide(layer)))
        assert.match(error.message, /file\/abc.gz: expected a file to write, found /)
      })
    )())

  it.effect("writes nothing when it is interrupted", () =>
    inTemporary((directory, files) =>
      Effect.gen(function*() {
        const { layer } = client(() => "silent")
        const fetching = download({ urls: ["http://a/"], sha256, path: `${directory}/x` }).pipe(Effect.provide(layer))
        const exit = yield* Effect.exit(Effect.raceFirst(fetching, Effect.interrupt))
        assert.isTrue(Exit.isFailure(exit))
        assert.deepStrictEqual(yield* files.readDirectory(directory), [])
      })
    )())
})

describe.skipIf(real === undefined)(`real MNIST${real === undefined ? " (skipped without MNIST_DIR)" : ""}`, () => {
  it.effect("has the published sizes, counts of classes and first labels", () =>
    Effect.gen(function*() {
      const data = yield* Datasets.mnist({ directory: real! })
      assert.deepStrictEqual(data.sizes, { train: 60_000, test: 10_000 })
      const count = (examples: typeof data.train) =>
        Stream.runFold(
          examples,
          () => ({ labels: Array.from({ length: 10 }, () => 0), first: Array.of<number>(), sum: 0 }),
          (seen, { x, y }) => {
            seen.labels[y.data[0]!]! += 1
            if (seen.first.length < 10) seen.first.push(y.data[0]!)
            for (const value of x.data) seen.sum += value
            return seen
          }
        )
      const train = yield* count(data.train), test = yield* count(data.test)
      assert.deepStrictEqual(train.labels, [5923, 6742, 5958, 6131, 5842, 5421, 5918, 6265, 5851, 5949])
      assert.deepStrictEqual(test.labels, [980, 1135, 1032, 1010, 982, 892, 958, 1028, 974, 1009])
      assert.deepStrictEqual(train.first, [5, 0, 4, 1, 9, 2, 1, 3, 1, 4])
      assert.deepStrictEqual(test.first, [7, 2, 1, 0, 4, 1, 4, 9, 5, 9])
      // The mean pixel of the training images, 0.1307, by which MNIST is commonly standardized.
      assert.approximately(train.sum / (60_000 * 784), 0.1307, 5e-5)
    }).pipe(Effect.provide(NodeServices.layer)))
})
