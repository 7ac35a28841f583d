import { Effect, FileSystem, Predicate, Stream } from "effect"
import type { PlatformError } from "effect"
import { DataError } from "../core/errors.ts"

/** What a failure of the file system means for who asked for `path`. */
export const fileError = (path: string, expected: string) => (error: PlatformError.PlatformError): DataError => {
  const { reason } = error
  const actual = Predicate.isTagged(reason, "NotFound")
    ? "no such file"
    : Predicate.isTagged(reason, "PermissionDenied")
    ? "no permission"
    : reason.cause instanceof Error
    ? reason.cause.message
    : reason.message
  return new DataError({ source: path, expected, actual, cause: error })
}

/** The bytes of a file, read in large pieces as they are asked for. */
export const readBytes = (path: string): Stream.Stream<Uint8Array, DataError, FileSystem.FileSystem> =>
  Stream.unwrap(Effect.map(FileSystem.FileSystem, (files) => files.stream(path, { chunkSize: 128 * 1024 }))).pipe(
    Stream.mapError(fileError(path, "a file to read"))
  )

/** Writes a file under another name and renames it when it is whole, so that nobody ever sees a part of it. */
export const writeBytes = <E, R>(
  path: string,
  bytes: Stream.Stream<Uint8Array, E, R>
): Effect.Effect<void, E | DataError, R | FileSystem.FileSystem> =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    const partial = `${path}.${globalThis.crypto.randomUUID()}.partial`
    const toError = fileError(path, "a file to write")
    const open = files.open(partial, { flag: "w" }).pipe(Effect.mapError(toError))
    yield* Effect.scoped(Effect.gen(function*() {
      const file = yield* open
      yield* Stream.runForEach(bytes, (piece) => Effect.mapError(file.writeAll(piece), toError))
    })).pipe(
      Effect.andThen(Effect.mapError(files.rename(partial, path), toError)),
      Effect.onError(() => Effect.ignore(files.remove(partial, { force: true })))
    )
  })
