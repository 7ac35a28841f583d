import { Effect, FileSystem, Path, Stream } from "effect"
import type { PlatformError } from "effect"
import { DataError } from "./errors.ts"

/** What some failures of Node's are, by their codes. */
const coded: { readonly [code: string]: string } = {
  ENOTDIR: "a file where a folder has to be",
  EISDIR: "a folder",
  ENOSPC: "no space left",
  EROFS: "a file system that is only to be read"
}

const codeOf = ({ cause }: { readonly cause?: unknown }): string | undefined =>
  typeof cause === "object" && cause !== null && "code" in cause ? coded[String(cause.code)] : undefined

/** What went wrong with a file, in words for people: `no such file`, `no permission`. */
export const fileProblem = ({ reason }: PlatformError.PlatformError): string => {
  switch (reason._tag) {
    case "NotFound":
      return "no such file"
    case "PermissionDenied":
      return "no permission"
    case "AlreadyExists":
      return "something else of that name"
    default:
      return codeOf(reason) ?? (reason.cause instanceof Error ? reason.cause.message : reason.message)
  }
}

/** What a failure of the file system means for who asked for `path`. */
export const fileError = (path: string, expected: string) => (cause: PlatformError.PlatformError): DataError =>
  new DataError({ source: path, expected, actual: fileProblem(cause), cause })

/** The bytes of a file, read in large pieces as they are asked for. */
export const readBytes = (path: string): Stream.Stream<Uint8Array, DataError, FileSystem.FileSystem> =>
  Stream.unwrap(Effect.map(FileSystem.FileSystem, (files) => files.stream(path, { chunkSize: 128 * 1024 }))).pipe(
    Stream.mapError(fileError(path, "a file to read"))
  )

const UUID = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
const PARTIAL = new RegExp(`^(.+)\\.${UUID}\\.partial$`)

/**
 * Removes what a process that was killed in the middle of {@link writeBytes} has left of files of certain names. Other
 * files, whatever they are called, stay.
 */
export const removePartials = (
  folder: string,
  isOurs: (name: string) => boolean
): Effect.Effect<void, DataError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem, { join } = yield* Path.Path
    const isLeft = (name: string) => {
      const whole = PARTIAL.exec(name)?.[1]
      return whole !== undefined && isOurs(whole)
    }
    const names = yield* files.readDirectory(folder)
    yield* Effect.forEach(names.filter(isLeft), (name) => files.remove(join(folder, name), { force: true }), {
      discard: true
    })
  }).pipe(Effect.mapError(fileError(folder, "a folder to write to")))

/**
 * Writes a whole file or nothing: the bytes go to a temporary file beside it, to the disk, and then under its name in
 * one move. A process that is killed on the way leaves the file as it was. The folder is made when it is missing. What
 * `head` gives in the end takes the place of the first bytes.
 */
export const writeBytes = <E, R>(
  path: string,
  bytes: Stream.Stream<Uint8Array, E, R>,
  head?: () => Uint8Array
): Effect.Effect<void, E | DataError, R | FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem, { dirname } = yield* Path.Path
    const partial = `${path}.${globalThis.crypto.randomUUID()}.partial`
    const toError = fileError(path, "a file to write")
    yield* Effect.mapError(files.makeDirectory(dirname(path), { recursive: true }), toError)
    yield* Effect.scoped(Effect.gen(function*() {
      const file = yield* Effect.mapError(files.open(partial, { flag: "w" }), toError)
      yield* Stream.runForEach(bytes, (piece) => Effect.mapError(file.writeAll(piece), toError))
      if (head !== undefined) {
        yield* Effect.mapError(Effect.andThen(file.seek(0n, "start"), file.writeAll(head())), toError)
      }
      yield* Effect.mapError(file.sync, toError)
    })).pipe(
      Effect.andThen(Effect.mapError(files.rename(partial, path), toError)),
      Effect.onError(() => Effect.ignore(files.remove(partial, { force: true })))
    )
  })
