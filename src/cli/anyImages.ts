import { Effect } from "effect"
import * as Datasets from "../datasets/index.ts"

/** `mnist` where it is at hand or can be fetched, else `digits`, with one line that says why. */
export const anyImages = (say: (line: string) => Effect.Effect<void>) =>
  Datasets.mnist({ pixels: "uint8" }).pipe(
    Effect.as("mnist" as const),
    Effect.catchTag("DatasetUnavailable", () =>
      Effect.as(
        say("MNIST is not on this machine and cannot be fetched; training on generated digits (see MNIST_DIR)"),
        "digits" as const
      ))
  )
