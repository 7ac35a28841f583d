import { Effect } from "effect"
import { fileURLToPath } from "node:url"
import type { ModelName } from "./models.ts"
import { start } from "./process.ts"
import type { Sample } from "./timing.ts"
import { startTorch } from "./torch.ts"

const contestants = ["bare", "bareAccuracy", "float32", "uint8", "torch"] as const

export type Contestant = typeof contestants[number]

/** In which epoch a round of a pipeline ended; in the first one, files are read and unpacked. */
export type Round = Sample & { readonly epoch?: number }

/** The rounds of one model by contestant, empty for a contestant that is not there. */
export interface Measurement {
  readonly model: ModelName
  readonly torch: string | undefined
  readonly rounds: { readonly [C in Contestant]: ReadonlyArray<Round> }
}

const worker = fileURLToPath(new URL("worker.ts", import.meta.url))

/**
 * Measures all contestants in turns: a round takes `steps` steps of each, and each round starts with another one, so
 * that what else runs on the machine falls on all of them alike. While one is measured, the others wait.
 */
export const measure = (model: ModelName, options: {
  readonly rounds: number
  readonly steps: number
  readonly directory: string
}): Effect.Effect<Measurement> =>
  Effect.gen(function*() {
    const torch = yield* startTorch(model)
    const running = new Map(torch === undefined ? [] : [["torch" as Contestant, torch.torch] as const])
    for (const name of contestants) {
      if (name === "torch") continue
      const [, process] = yield* start<object>(globalThis.process.execPath, [worker, model, name, options.directory])
      running.set(name, process)
    }
    const line = String(options.steps), turns = [...running]
    // The first steps are slow because code is still being compiled.
    for (const [, process] of turns) yield* process.ask(line)
    const rounds = { bare: [], bareAccuracy: [], float32: [], uint8: [], torch: [] } as {
      readonly [C in Contestant]: Array<Round>
    }
    for (let round = 0; round < options.rounds; round++) {
      for (let turn = 0; turn < turns.length; turn++) {
        const [name, process] = turns[(round + turn) % turns.length]!
        rounds[name].push(yield* process.ask<Round>(line))
      }
    }
    return { model, torch: torch?.version, rounds }
  }).pipe(Effect.scoped)
