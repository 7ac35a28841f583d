import { Effect, Option, Result, Stream } from "effect"
import type { FileSystem } from "effect"
import type { DataError } from "../core/errors.ts"
import { readBytes } from "../core/files.ts"
import type { NdArray } from "../core/NdArray.ts"
import { decodeIdx, decodeIdxWith } from "./decodeIdx.ts"
import type { IdxHeader } from "./idxFormat.ts"

/**
 * The element type and the dimensions of an IDX file, plain or packed with gzip. Reads no further than its start.
 *
 * @example
 * ```ts
 * import { Effect, FileSystem, Stream } from "effect"
 * import { Datasets } from "effect-neuron"
 *
 * const files = FileSystem.layerNoop({ stream: () => Stream.succeed(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 4)) })
 * const header = Datasets.idxHeader("labels-idx1-ubyte").pipe(Effect.provide(files))
 * Effect.runSync(header) // => { type: "uint8", shape: [2] }
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
 * import { Effect, FileSystem, Stream } from "effect"
 * import { Datasets, NdArray } from "effect-neuron"
 *
 * const files = FileSystem.layerNoop({ stream: () => Stream.succeed(Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 4)) })
 * const items = Datasets.idxItems("labels-idx1-ubyte").pipe(Stream.runCollect, Effect.provide(files))
 * Effect.runSync(items)[1] // => NdArray.make(Uint8Array.of(4), [])
 * ```
 */
export const idxItems = (path: string): Stream.Stream<NdArray, DataError, FileSystem.FileSystem> =>
  readBytes(path).pipe(decodeIdx(path))
