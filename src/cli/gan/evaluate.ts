import { Console, Effect, Option } from "effect"
import { openDataset } from "../data.ts"
import { withWeights } from "../loadRun.ts"
import type { Computing } from "../loadRun.ts"
import { adversarial } from "./config.ts"
import { describe, openJudge } from "./judge.ts"
import { networksOf } from "./networks.ts"
import { generatorOf } from "./samples.ts"

/** What `gan evaluate` is asked for. */
export interface EvaluateOptions extends Computing {
  readonly run: string
  readonly classifier: string
  readonly count: number
  readonly seed: Option.Option<number>
  readonly dataDir: Option.Option<string>
  readonly json: boolean
}

/** Judges images of the generator of a run, by the moving average of its weights, with the classifier of another. */
export const ganEvaluate = (options: EvaluateOptions) =>
  withWeights(adversarial, { ...options, ...generatorOf }, (config, weights, file) =>
    Effect.gen(function*() {
      const { classifier, count: images, run } = options, seed = Option.getOrElse(options.seed, () => config.seed)
      const dataset = yield* openDataset(config.dataset, Option.getOrUndefined(options.dataDir))
      const judge = yield* openJudge({ classifier, config, networks: networksOf(config), dataset, images, seed })
      const judgment = yield* judge(weights)
      if (options.json) {
        return yield* Console.log(JSON.stringify({ run, checkpoint: file, classifier, seed, ...judgment }))
      }
      const { counts, entropy } = judgment
      yield* Console.log([
        `${file}: ${images.toLocaleString("en-US")} images, seed ${seed}`,
        describe(judgment),
        `images of class  ${counts.map((count, i) => `${dataset.classes[i]}: ${count}`).join("  ")}`,
        `entropy of the classes ${entropy.toFixed(3)}, at most ${Math.log(counts.length).toFixed(3)}`
      ].join("\n"))
    }))
