import { Effect, FileSystem, Result, Stream } from "effect"
import { refuse } from "../core/check.ts"
import { DataError } from "../core/errors.ts"
import { readBytes } from "../core/files.ts"
import * as NdArray from "../core/NdArray.ts"
import { equals, format, size } from "../core/Shape.ts"
import type { Dataset, SupervisedExample } from "./Dataset.ts"
import { decodeIdxWith } from "./decodeIdx.ts"
import { indexed } from "./generate.ts"
import type { IdxHeader } from "./idxFormat.ts"
import { idxHeader } from "./readIdx.ts"

/** How pixels come: as float32 from 0 to 1, or as the bytes of the file. */
export type Pixels = "float32" | "uint8"

/** Pixels as they are asked for, by default float32; throws a `RangeError` for another word. */
export const checkPixels = (source: string, pixels: Pixels = "float32"): Pixels =>
  pixels === "float32" || pixels === "uint8"
    ? pixels
    : refuse(source, "pixels", "\"float32\" or \"uint8\"", pixels)

/** The two files of one split. */
export type ImagesAndLabels = { readonly images: string; readonly labels: string }

const toUnit = Float32Array.from({ length: 256 }, (_, byte) => byte / 255)

// Each image has an array of its own: one that is shared stays in memory until a shuffle has let go of its last image.
const read = (bytes: Uint8Array, pixels: Pixels): NdArray.Data => {
  if (pixels === "uint8") return bytes.slice()
  const out = new Float32Array(bytes.length)
  for (let i = 0; i < bytes.length; i++) out[i] = toUnit[bytes[i]!]!
  return out
}

const describe = ({ shape, type }: IdxHeader): string => `${type} of the shape ${format(shape)}`

const check = (source: string, ok: boolean, expected: string, header: IdxHeader) =>
  ok ? Effect.void : Effect.fail(new DataError({ source, expected, actual: describe(header) }))

/** All labels are read at once: a byte for each example is less than one batch of images. */
const readLabels = (path: string, images: IdxHeader, imagesPath: string, classes: number) =>
  Effect.gen(function*() {
    const header = yield* idxHeader(path)
    const { shape, type } = header
    yield* check(path, type === "uint8" && shape.length === 1, "uint8 labels of one dimension", header)
    yield* check(path, shape[0] === images.shape[0], `${images.shape[0]} labels, one for each of ${imagesPath}`, header)
    const labels = yield* readBytes(path).pipe(
      decodeIdxWith<number>(path, () => Result.succeed({ item: (bytes) => bytes[0]! })),
      Stream.runCollect
    )
    const wrong = labels.findIndex((label) => label >= classes)
    if (wrong < 0) return Uint8Array.from(labels)
    const source = `${path}, label ${wrong}`
    return yield* new DataError({ source, expected: `0 to ${classes - 1}`, actual: String(labels[wrong]) })
  })

const allocate = (bytes: number): Uint8Array | undefined => {
  try {
    return new Uint8Array(bytes)
  } catch {
    return undefined
  }
}

type Opened = {
  readonly count: number
  readonly shape: ReadonlyArray<number>
  readonly examples: Stream.Stream<SupervisedExample, DataError, FileSystem.FileSystem>
}

const openSplit = (
  { images: path, labels: labelsPath }: ImagesAndLabels,
  classes: number,
  pixels: Pixels,
  inMemory: boolean
): Effect.Effect<Opened, DataError, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const header = yield* idxHeader(path)
    const { shape: all, type } = header
    yield* check(path, all[0] !== 0, "at least one image", header)
    const isImages = type === "uint8" && (all.length === 3 || all.length === 4)
    yield* check(path, isImages, "uint8 images, [count, height, width] or with channels", header)
    const labels = yield* readLabels(labelsPath, header, path, classes)
    const shape: ReadonlyArray<number> = all.length === 3 ? [all[1]!, all[2]!, 1] : all.slice(1)
    const count = all[0]!, length = size(shape)
    const answers = Array.from({ length: classes }, (_, label) => NdArray.index(label))
    const example = (data: NdArray.Data, i: number): SupervisedExample => ({
      x: { data, shape },
      y: answers[labels[i]!]!
    })

    const fromFile = (keep: Uint8Array | undefined) =>
      readBytes(path).pipe(decodeIdxWith<SupervisedExample>(path, (now) => {
        if (now.type !== type || !equals(now.shape, all)) {
          const expected = `${describe(header)}, as when it was opened`
          return Result.fail(new DataError({ source: path, expected, actual: describe(now) }))
        }
        return Result.succeed({
          item: (bytes, i) => {
            keep?.set(bytes, i * length)
            return example(read(bytes, pixels), i)
          }
        })
      }))
    const fromMemory = (kept: Uint8Array) => {
      const image = (i: number) => kept.subarray(i * length, (i + 1) * length)
      // What is kept in memory needs no copy; nothing writes to it.
      return indexed(count, (i) => example(pixels === "uint8" ? image(i) : read(image(i), pixels), i))
    }

    let kept: Uint8Array | undefined
    const examples = Stream.suspend((): Opened["examples"] => {
      if (kept !== undefined) return fromMemory(kept)
      if (!inMemory) return fromFile(undefined)
      const fresh = allocate(count * length)
      if (fresh === undefined) {
        const expected = "images that fit into memory, or inMemory: false"
        return Stream.fail(new DataError({ source: path, expected, actual: `${count * length} bytes` }))
      }
      // Only what was read to its end is known to be whole.
      return Stream.onEnd(fromFile(fresh), Effect.sync(() => kept = fresh))
    })
    return { count, examples, shape }
  })

/**
 * A data set of images and labels in four IDX files, plain or packed with gzip: the form of MNIST and of those made
 * after it (Fashion-MNIST, KMNIST, EMNIST). `x` is `[height, width, channels]`, as {@link Pixels} says; `y` is the
 * class index, a scalar of int32.
 *
 * All headers and labels are checked when it is opened, so that a DataError then says what does not fit. Images are
 * read when a stream runs, and memory does not grow with their number; unless, with `inMemory`, the first whole run of
 * a stream keeps the bytes, from which the later ones then come without reading and unpacking.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Datasets } from "effect-neuron"
 *
 * const shapes = Datasets.idxDataset({
 *   name: "shapes",
 *   classes: ["circle", "square"],
 *   train: { images: "train-images.gz", labels: "train-labels.gz" },
 *   test: { images: "test-images.gz", labels: "test-labels.gz" }
 * })
 * Effect.isEffect(shapes) // => true
 * ```
 */
export const idxDataset = (options: {
  readonly name: string
  readonly classes: ReadonlyArray<string>
  readonly train: ImagesAndLabels
  readonly test: ImagesAndLabels
  readonly pixels?: Pixels
  readonly inMemory?: boolean
}): Effect.Effect<Dataset<NdArray.NdArray, NdArray.NdArray, DataError>, DataError, FileSystem.FileSystem> => {
  const pixels = checkPixels("idxDataset", options.pixels)
  if (options.classes.length === 0) refuse("idxDataset", "classes", "a list of at least one name", undefined)
  return Effect.gen(function*() {
    const { classes, inMemory = false, name } = options
    const files = yield* FileSystem.FileSystem
    const train = yield* openSplit(options.train, classes.length, pixels, inMemory)
    const test = yield* openSplit(options.test, classes.length, pixels, inMemory)
    if (format(train.shape) !== format(test.shape)) {
      const expected = `images of the shape ${format(train.shape)}, as those to train with`
      return yield* new DataError({ source: options.test.images, expected, actual: format(test.shape) })
    }
    return {
      name,
      shapes: { x: train.shape, y: [] },
      classes,
      sizes: { train: train.count, test: test.count },
      train: Stream.provideService(train.examples, FileSystem.FileSystem, files),
      test: Stream.provideService(test.examples, FileSystem.FileSystem, files)
    }
  })
}
