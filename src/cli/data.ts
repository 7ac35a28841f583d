import { Effect } from "effect"
import type { FileSystem, Path } from "effect"
import type { DataError } from "../core/errors.ts"
import type { NdArray } from "../core/NdArray.ts"
import type { Dataset } from "../datasets/Dataset.ts"
import type { DatasetUnavailable } from "../datasets/DatasetUnavailable.ts"
import { digits } from "../datasets/digits.ts"
import { mnist } from "../datasets/mnist.ts"
import type { RunConfig } from "./config.ts"

// Bytes all the way to the model, which scales them.
const pixels = "uint8"

export type Images = Dataset<NdArray, NdArray, DataError>

/** The data set of a name, and no other. */
export const openDataset = (
  name: RunConfig["dataset"],
  directory: string | undefined
): Effect.Effect<Images, DataError | DatasetUnavailable, FileSystem.FileSystem | Path.Path> =>
  name === "digits"
    ? Effect.succeed(digits({ pixels }))
    : mnist(directory === undefined ? { pixels } : { pixels, directory })

/** MNIST where it is at hand or can be fetched, else digits, with one line that says why. */
export const anyDataset = (
  directory: string | undefined,
  say: (line: string) => Effect.Effect<void>
): Effect.Effect<Images, DataError, FileSystem.FileSystem | Path.Path> =>
  openDataset("mnist", directory).pipe(
    Effect.catchTag("DatasetUnavailable", () =>
      Effect.as(
        say("MNIST is not on this machine and cannot be fetched; training on generated digits (see MNIST_DIR)"),
        digits({ pixels })
      ))
  )
