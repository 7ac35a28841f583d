import { Console, Effect, Option } from "effect"
import * as Losses from "../losses/index.ts"
import * as Metrics from "../metrics/index.ts"
import * as Pipeline from "../pipeline/index.ts"
import * as Train from "../train/index.ts"
import type { RunConfig } from "./config.ts"
import { openDataset } from "./data.ts"
import { withModel } from "./loadRun.ts"

/** Tests the model of a run on the examples that it has not been trained on. */
export const evaluate = (options: {
  readonly run: string
  readonly dataset: Option.Option<RunConfig["dataset"]>
  readonly dataDir: Option.Option<string>
  readonly backend: Option.Option<RunConfig["backend"]>
  readonly threads: number
  readonly json: boolean
}) =>
  withModel(options.run, options, ({ config, file, model, weights }) =>
    Effect.gen(function*() {
      const name = Option.getOrElse(options.dataset, () => config.dataset)
      const dataset = yield* openDataset(name, Option.getOrUndefined(options.dataDir))
      const result = yield* dataset.test.pipe(
        Pipeline.batch(250),
        Train.evaluate({ model, loss: Losses.softmaxCrossEntropy, metrics: [Metrics.accuracy] }, weights)
      )
      yield* Console.log(
        options.json
          ? JSON.stringify({ run: options.run, checkpoint: file, step: weights.step, dataset: name, ...result })
          : `${file}, step ${weights.step}, on ${name}: accuracy ${(100 * result.accuracy).toFixed(2)} %, loss ${
            result.loss.toFixed(4)
          }, ${result.size.toLocaleString("en-US")} examples`
      )
    }))
