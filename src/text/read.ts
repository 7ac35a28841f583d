import { Stream } from "effect"
import type { FileSystem } from "effect"
import type { DataError } from "../core/errors.ts"
import { readBytes } from "../core/files.ts"

/**
 * The text of a file in UTF-8, in pieces as they are asked for, from the file system of the context: that of Node, or
 * files of a page (`Datasets.layerFiles`). Bytes that are no character are U+FFFD. Fails with a `DataError` for a file
 * that cannot be read.
 *
 * @example
 * ```ts
 * import { Effect, FileSystem, Stream } from "effect"
 * import { Text } from "effect-neuron"
 *
 * const files = FileSystem.layerNoop({ stream: () => Stream.make(Uint8Array.of(0xc3), Uint8Array.of(0xa9)) })
 * const text = Text.read("e.txt").pipe(Stream.mkString, Effect.provide(files))
 * Effect.runSync(text) // => "é"
 * ```
 */
export const read = (path: string): Stream.Stream<string, DataError, FileSystem.FileSystem> =>
  Stream.decodeText(readBytes(path))
