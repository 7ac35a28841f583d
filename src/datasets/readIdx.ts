import { Effect, Option, Result, Stream } from "effect"
import type { FileSystem } from "effect"
import { DataError } from "../core/errors.ts"
import type { NdArray } from "../core/NdArray.ts"
import { decodeIdx, decodeIdxWith } from "./decodeIdx.ts"
import { readBytes } from "./files.ts"
import type { IdxHeader } from "./idxFormat.ts"

/**
 * The element type and the dimensions of an IDX file, plain or packed with gzip. Reads no further than its start.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Datasets } from "effect-neuron"
 *
 * const program = Effect.gen(function*() {
 *   const { shape, type } = yield* Datasets.idxHeader("train-images-idx3-ubyte.gz")
 *   return `${type} ${shape.join("x")}`
 * })
 * Effect.isEffect(program) // => true
 * ```
 */
export const idxHeader = (path: string): Effect.Effect<IdxHeader, DataError, FileSystem.FileSystem> =>
  readBytes(path).pipe(
    decodeIdxWith<IdxHeader>(path, (header) => Result.succeed({ header, item: () => header })),
    Stream.runHead,
    Effect.map(Option.getOrThrow)
  )

/**
 * The items of an IDX file as {@link decodeIdx} gives them, read as they are asked for.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Datasets } from "effect-neuron"
 *
 * const firstImage = Datasets.idxItems("train-images-idx3-ubyte.gz").pipe(Stream.runHead)
 * Effect.isEffect(firstImage) // => true
 * ```
 */
export const idxItems = (path: string): Stream.Stream<NdArray, DataError, FileSystem.FileSystem> =>
  readBytes(path).pipe(decodeIdx(path))
