import { Effect, FileSystem } from "effect"

/** Runs an effect with some functions of the file system in the place of its own. */
export const withFiles =
  (change: (files: FileSystem.FileSystem) => Partial<FileSystem.FileSystem>) =>
  <A, E, R>(effect: Effect.Effect<A, E, R>): Effect.Effect<A, E, R | FileSystem.FileSystem> =>
    Effect.flatMap(
      FileSystem.FileSystem,
      (files) => Effect.provideService(effect, FileSystem.FileSystem, { ...files, ...change(files) })
    )

/** Runs an effect in a new folder, which is gone afterwards. */
export const inTempFolder = <A, E, R>(use: (folder: string) => Effect.Effect<A, E, R>) =>
  Effect.scoped(Effect.flatMap(FileSystem.FileSystem, (files) => Effect.flatMap(files.makeTempDirectoryScoped(), use)))
