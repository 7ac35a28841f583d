import { Effect, FileSystem, Path } from "effect"
import type { PlatformError } from "effect"

/**
 * Writes a whole file or nothing: the bytes go to a temporary file beside it, to the disk, and then under its name in
 * one move. A process that is killed on the way leaves the file as it was. The folder is made when it is missing.
 */
export const writeWhole = (
  path: string,
  bytes: Uint8Array
): Effect.Effect<void, PlatformError.PlatformError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem, { dirname } = yield* Path.Path
    const temporary = `${path}.partial`
    yield* fs.makeDirectory(dirname(path), { recursive: true })
    yield* Effect.scoped(Effect.gen(function*() {
      const file = yield* fs.open(temporary, { flag: "w" })
      yield* file.writeAll(bytes)
      yield* file.sync
    })).pipe(
      Effect.andThen(fs.rename(temporary, path)),
      Effect.onError(() => Effect.ignore(fs.remove(temporary, { force: true })))
    )
  }).pipe(Effect.uninterruptible)

/** What went wrong with a file, in words for people: `no such file`, `no permission`. */
export const fileProblem = ({ reason }: PlatformError.PlatformError): string => {
  switch (reason._tag) {
    case "NotFound":
      return "no such file or folder"
    case "PermissionDenied":
      return "no permission"
    case "AlreadyExists":
      return "something else of that name"
    default:
      return reason.description ?? reason.message
  }
}
