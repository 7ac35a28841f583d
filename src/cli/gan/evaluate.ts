import { Console, Effect, Option } from "effect"
import { count } from "../../experiment/report/numbers.ts"
import type { Computing } from "../openRun.ts"
import { describe, openJudge } from "./judge.ts"
import { withGenerator } from "./samples.ts"

/** What `gan evaluate` is asked for. */
export interface EvaluateOptions extends Computing {
  readonly run: string
  readonly classifier: string
  readonly count: number
  readonly seed: Option.Option<number>
  readonly json: boolean
}

/** Judges images of the generator of a run, by the moving average of its weights, with the classifier of another. */
export const ganEvaluate = (options: EvaluateOptions) =>
  withGenerator(options.run, options, (config, weights, { file, opened }) =>
    Effect.gen(function*() {
      const { classifier, count: images, run } = options, seed = Option.getOrElse(options.seed, () => config.seed)
      const { classes } = opened.about
      const judge = yield* openJudge({ classifier, config, opened, images, seed })
      const judgment = yield* judge(weights)
      if (options.json) {
        return yield* Console.log(JSON.stringify({ run, checkpoint: file, classifier, seed, ...judgment }))
      }
      const { counts, entropy } = judgment
      yield* Console.log([
        `${file}: ${count(images)} images, seed ${seed}`,
        describe(judgment),
        `images of class  ${counts.map((count, i) => `${classes[i]}: ${count}`).join("  ")}`,
        `entropy of the classes ${entropy.toFixed(3)}, at most ${Math.log(counts.length).toFixed(3)}`
      ].join("\n"))
    }))
