import { Console, Effect, Option, Stream } from "effect"
import { softmax } from "../core/softmax.ts"
import * as Train from "../train/index.ts"
import type { RunConfig } from "./config.ts"
import { withModel } from "./loadRun.ts"
import { readImage } from "./readImage.ts"

/** Says what the model of a run sees in pictures of digits. */
export const predict = (options: {
  readonly run: string
  readonly images: ReadonlyArray<string>
  readonly backend: Option.Option<RunConfig["backend"]>
  readonly threads: number
  readonly invert: boolean
  readonly json: boolean
}) =>
  Effect.gen(function*() {
    const images = yield* Effect.forEach(options.images, (path) => readImage(path, options))
    yield* withModel(options.run, options, ({ file, model, weights }) =>
      Effect.andThen(
        options.json ? Effect.void : Console.log(`${file}, step ${weights.step}`),
        Stream.fromIterable(images.map((x) => ({ x }))).pipe(
          Train.predict(model, weights),
          Stream.zipWithIndex,
          Stream.runForEach(([logits, i]) =>
            Console.log(report(options.images[i]!, softmax(logits.data), options.json ? file : undefined))
          )
        )
      ))
  })

/** A line for people or, with the file of the weights, for programs. */
const report = (image: string, probabilities: ReadonlyArray<number>, checkpoint: string | undefined): string => {
  const ranked = probabilities.map((probability, label) => ({ label, probability }))
    .sort((a, b) => b.probability - a.probability)
  if (checkpoint !== undefined) {
    return JSON.stringify({ image, checkpoint, class: String(ranked[0]!.label), probabilities })
  }
  const shown = ranked.slice(0, 3).map(({ label, probability }) => `${label} ${(100 * probability).toFixed(2)} %`)
  return `${image}: ${ranked[0]!.label}  (${shown.join(", ")})`
}
