import { Effect, FileSystem } from "effect"
import { DataError } from "../../core/errors.ts"
import { fileError } from "../../core/files.ts"
import type { HostTree } from "../../core/NdArray.ts"

/** An input of a model, and what it is called. */
export interface Input {
  readonly name: string
  readonly x: HostTree
  /** What was done to it so that the model takes it. */
  readonly note?: string
}

export type Read<A> = Effect.Effect<A, DataError, FileSystem.FileSystem>

export const wrong = (source: string, expected: string, actual: string): DataError =>
  new DataError({ source, expected, actual })

/** The text of a file. */
export const textIn = (path: string): Read<string> =>
  Effect.flatMap(
    FileSystem.FileSystem,
    (files) => Effect.mapError(files.readFileString(path), fileError(path, "a file of inputs"))
  )
