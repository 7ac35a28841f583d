import { Console, Effect } from "effect"
import type { Split } from "../experiment/index.ts"
import { count } from "../experiment/report/numbers.ts"
import { sentence } from "./figures.ts"
import { withRun } from "./openRun.ts"
import type { Computing } from "./openRun.ts"
import { UsageError } from "./UsageError.ts"

/** What `evaluate` is asked for. */
export interface EvaluateOptions extends Computing {
  readonly run: string
  readonly split: Split
  readonly json: boolean
}

/** Tests a run on a part of its data, by default the examples that it has not been trained on. */
export const evaluate = (options: EvaluateOptions) =>
  withRun(options.run, options, ({ experiment, file, opened, state }) =>
    Effect.gen(function*() {
      const { run, split } = options, { about: { sizes } } = opened
      if (opened.evaluate === undefined || sizes[split] === 0) {
        return yield* new UsageError({
          message: `${run}: expected ${split} examples of ${experiment.name}, found none`
        })
      }
      const { size, ...figures } = yield* opened.evaluate(split, state)
      yield* Console.log(
        options.json
          ? JSON.stringify({
            run,
            checkpoint: file,
            step: state.step,
            experiment: experiment.name,
            split,
            size,
            ...figures
          })
          : `${file}, step ${state.step}, on ${experiment.name}: ${sentence(figures)}, ${
            count(Number(size))
          } ${split} examples`
      )
    }))
