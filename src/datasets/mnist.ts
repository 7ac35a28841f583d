import { Config, Effect, FileSystem, Option, Path } from "effect"
import { FetchHttpClient, HttpClient } from "effect/http"
import { DataError } from "../core/errors.ts"
import { fileError } from "../core/files.ts"
import type { NdArray } from "../core/NdArray.ts"
import type { Dataset } from "./Dataset.ts"
import { DatasetUnavailable } from "./DatasetUnavailable.ts"
import { download } from "./download.ts"
import { checkPixels, idxDataset } from "./idxDataset.ts"
import type { Pixels } from "./idxDataset.ts"
import { checksums, mnistFiles, spellings, splits } from "./mnistFiles.ts"
import type { MnistFile } from "./mnistFiles.ts"

const mirrors = [
  "https://ossci-datasets.s3.amazonaws.com/mnist/",
  "https://storage.googleapis.com/cvdf-datasets/mnist/"
]

const find = Effect.fnUntraced(function*(directory: string, file: MnistFile) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  for (const name of spellings(file)) {
    const candidate = path.join(directory, name)
    const exists = yield* Effect.mapError(files.exists(candidate), fileError(candidate, "a file to read"))
    if (exists) return Option.some(candidate)
  }
  return Option.none()
})

/** A variable that is empty counts as one that is not set. */
const variable = (name: string): Effect.Effect<string | undefined, DataError> =>
  Config.option(Config.String(name)).pipe(
    Effect.map((value) => Option.getOrUndefined(Option.filter(value, (text) => text !== ""))),
    Effect.mapError((cause) => new DataError({ source: name, expected: "a path", actual: cause.message, cause }))
  )

const cacheDirectory = Effect.gen(function*() {
  const path = yield* Path.Path
  const cache = yield* variable("XDG_CACHE_HOME")
  if (cache !== undefined) return path.join(cache, "effect-neuron", "mnist")
  const home = (yield* variable("HOME")) ?? (yield* variable("USERPROFILE"))
  return home === undefined ? undefined : path.join(home, ".cache", "effect-neuron", "mnist")
})

/** Where the four files are looked for: in the directory that MNIST_DIR names, else in the user's cache. */
export const mnistDirectory = Effect.gen(function*() {
  const named = yield* variable("MNIST_DIR")
  return { named, directory: named ?? (yield* cacheDirectory) }
})

const unavailable = (reasons: ReadonlyArray<string>) =>
  new DatasetUnavailable({
    dataset: "MNIST",
    reasons,
    remedy: `set MNIST_DIR to a directory with ${mnistFiles.join(", ")}, plain or as .gz`
  })

const fetchInto = Effect.fnUntraced(function*(directory: string, file: MnistFile) {
  const files = yield* FileSystem.FileSystem
  const path = yield* Path.Path
  yield* Effect.mapError(
    files.makeDirectory(directory, { recursive: true }),
    (error) => unavailable([fileError(directory, "a directory to write to")(error).message])
  )
  const target = path.join(directory, `${file}.gz`)
  const fetching = download({
    urls: mirrors.map((mirror) => `${mirror}${file}.gz`),
    sha256: checksums[file],
    path: target
  }).pipe(Effect.catchTag("DownloadError", ({ reasons }) => Effect.fail(unavailable(reasons))))
  const provided = yield* Effect.serviceOption(HttpClient.HttpClient)
  yield* Option.match(provided, {
    onNone: () => Effect.provide(fetching, FetchHttpClient.layer),
    onSome: (client) => Effect.provideService(fetching, HttpClient.HttpClient, client)
  })
  return target
})

export interface MnistOptions {
  /** Where the four files are. By default what MNIST_DIR says, else the cache. */
  readonly directory?: string
  /** Whether what is not in the cache may be fetched from the network. By default true. */
  readonly download?: boolean
  /**
   * By default float32 from 0 to 1. As uint8, from 0 to 255, images cost a quarter of the memory and of the time on
   * their way; `Layers.rescale({ scale: 1 / 255 })` as the first layer, or `Pipeline.normalize()` behind
   * `Pipeline.batch`, then makes the same of them.
   */
  readonly pixels?: Pixels
  /**
   * Whether the bytes, 47 and 8 MB, stay in memory after the first whole run of a stream, so that later epochs neither
   * read nor unpack files. By default true.
   */
  readonly inMemory?: boolean
}

/**
 * MNIST: 60,000 images of handwritten digits to train with and 10,000 to test with (LeCun, Bottou, Bengio, Haffner:
 * "Gradient-based learning applied to document recognition", 1998). `x` is `[28, 28, 1]`, white on black, float32 from
 * 0 to 1; `y` is the class index, a scalar of int32.
 *
 * The four files, plain or packed with gzip, are looked for in `directory`, else in the directory that MNIST_DIR names,
 * else in `effect-neuron/mnist` of the user's cache, into which what is missing is fetched and checked; with the
 * `HttpClient` of the context, if it has one.
 *
 * Fails with a DataError if a file is missing from a directory that was named, or is not what it should be, and with
 * {@link DatasetUnavailable} if the files are nowhere and cannot be fetched.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Datasets } from "effect-neuron"
 *
 * const dataset = Datasets.mnist().pipe(
 *   Effect.catchTag("DatasetUnavailable", () => Effect.succeed(Datasets.digits()))
 * )
 * Effect.isEffect(dataset) // => true
 * ```
 */
export const mnist = (options: MnistOptions = {}): Effect.Effect<
  Dataset<NdArray, NdArray, DataError>,
  DataError | DatasetUnavailable,
  FileSystem.FileSystem | Path.Path
> => {
  checkPixels("mnist", options.pixels)
  return Effect.gen(function*() {
    const { directory, named } = options.directory === undefined
      ? yield* mnistDirectory
      : { directory: options.directory, named: options.directory }
    if (directory === undefined) return yield* unavailable(["neither XDG_CACHE_HOME nor HOME names a cache"])

    const locate = Effect.fnUntraced(function*(file: MnistFile) {
      // A cache that cannot be looked into is one without files.
      const found = named === undefined
        ? yield* Effect.orElseSucceed(find(directory, file), () => Option.none<string>())
        : yield* find(directory, file)
      if (Option.isSome(found)) return found.value
      if (named !== undefined) {
        return yield* new DataError({ source: directory, expected: `${file} or ${file}.gz`, actual: "no such file" })
      }
      if (options.download === false) return yield* unavailable([`no ${file} in ${directory}`])
      return yield* fetchInto(directory, file)
    })
    const paths = {} as { [F in MnistFile]: string }
    for (const file of mnistFiles) paths[file] = yield* locate(file)
    return yield* idxDataset({
      ...splits(paths),
      inMemory: options.inMemory ?? true,
      ...(options.pixels === undefined ? {} : { pixels: options.pixels })
    })
  })
}
