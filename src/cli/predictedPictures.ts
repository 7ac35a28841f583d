import { Effect, FileSystem, Option, Path } from "effect"
import { UsageError } from "./UsageError.ts"

/** Where pictures that are predicted are written, and whether in the place of files that are there. */
export interface Pictures {
  readonly out: Option.Option<string>
  readonly force: boolean
}

/**
 * The files of the pictures that are predicted of inputs, by their names: beside each input, or in a folder. Fails before
 * anything is written where one of them is there already, or two would be one.
 */
export const pictureFiles = (
  names: ReadonlyArray<string>,
  { force, out }: Pictures
): Effect.Effect<ReadonlyArray<string>, UsageError, FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem, { basename, dirname, join } = yield* Path.Path
    const found = names.map((name) => {
      // An input can be a text, or a line of a file: what no file can be called is left out.
      const own = basename(name).replace(/\.png$/i, "").replaceAll(/["*:<>?\\|]+/g, "-")
      return join(Option.getOrElse(out, () => dirname(name)), `${own}.prediction.png`)
    })
    for (const [i, file] of found.entries()) {
      const other = names[found.indexOf(file)]!
      if (other !== names[i]) {
        return yield* new UsageError({ message: `${names[i]}: expected a name of its own, found ${file} of ${other}` })
      }
      if (!force && (yield* Effect.orElseSucceed(files.exists(file), () => false))) {
        return yield* new UsageError({
          message: `${file} is there already: give another folder by --out, or --force to write over it`
        })
      }
    }
    return found
  })
