import { Effect } from "effect"
import { fileURLToPath } from "node:url"
import type { Failure, Sample } from "./answers.ts"
import { contestantsOf, peers } from "./contestants.ts"
import type { Contestant } from "./contestants.ts"
import type { ModelName } from "./models.ts"
import { hasFailed, start } from "./process.ts"
import type { Answering } from "./process.ts"
import { startTorch } from "./torch.ts"

/** In which epoch a round of a pipeline ended; in the first one, files are read and unpacked. */
export type Round = Sample & { readonly epoch?: number }

/** What became of a contestant: its rounds, with gaps where a slow one was left out, or why there are none. */
export interface Result {
  readonly version?: string
  readonly steps?: number
  readonly rounds: ReadonlyArray<Round | undefined>
  readonly failed?: string
}

/** The results of one model with batches of one size. */
export interface Measurement {
  readonly model: ModelName
  readonly batch: number
  readonly results: { readonly [C in Contestant]?: Result }
}

export interface Options {
  readonly model: ModelName
  readonly batch: number
  readonly rounds: number
  readonly steps: number
  readonly directory: string
  readonly withPeers: boolean
}

const file = (name: string) => fileURLToPath(new URL(name, import.meta.url))

/**
 * Milliseconds that one turn of a contestant may take, and all its turns together, but for the fewest that there are.
 */
const TURN = 400, ALL = 12_000, FEWEST_TURNS = 3

/** A step of so many milliseconds is taken once to warm up and once to measure. */
const ENDLESS = 20_000

const launch = (name: Contestant, { batch, directory, model }: Options) => {
  if (name === "torch1" || name === "torch2") return startTorch(model, batch, name === "torch1" ? 1 : 2)
  const isPeer = peers.some((peer) => peer === name)
  const args = isPeer
    ? [file("peers/worker.ts"), name, model, String(batch)]
    : [file("worker.ts"), model, String(batch), name, directory]
  return start<{ readonly version?: string }>(process.execPath, args, { quiet: isPeer })
}

/** A contestant that is ready: how many steps its turns have, and the rounds that it takes part in. */
interface Ready {
  readonly process: Answering
  readonly steps: number
  readonly isIn: (round: number) => boolean
}

/**
 * Takes the first steps, which are slow because code is still being compiled, and plans the turns: one that is slow
 * gets fewer steps in a turn, and fewer turns.
 */
const warmUp = (process: Answering, { rounds, steps }: Options): Effect.Effect<Ready | Failure> =>
  Effect.gen(function*() {
    let count = 1, sample = yield* process.ask<Round>("1")
    while (!hasFailed(sample) && sample.wall < ENDLESS) {
      count = Math.max(1, Math.min(steps, 8 * count, Math.floor(TURN / sample.wall)))
      sample = yield* process.ask<Round>(String(count))
      if (count === steps || hasFailed(sample) || sample.wall * count > TURN / 2) break
    }
    if (hasFailed(sample)) return sample
    const planned = Math.min(steps, Math.max(1, Math.floor(TURN / sample.wall)))
    const fewest = sample.wall < ENDLESS / 2 ? FEWEST_TURNS : 1
    const turns = Math.min(rounds, Math.max(fewest, Math.floor(ALL / (planned * sample.wall))))
    const isIn = (round: number) => Math.floor((round + 1) * turns / rounds) > Math.floor(round * turns / rounds)
    return { process, steps: planned, isIn }
  })

/**
 * Measures all contestants in turns: a round takes some steps of each, and each round starts with another one, so that
 * what else runs on the machine falls on all of them alike. While one is measured, the others wait.
 */
export const measure = (options: Options): Effect.Effect<Measurement> =>
  Effect.gen(function*() {
    const { batch, model, rounds } = options
    const results: {
      [C in Contestant]?: { -readonly [K in keyof Result]: Result[K] } & { rounds: Array<Round | undefined> }
    } = {}
    const ready: Array<readonly [Contestant, Ready]> = []
    for (const name of contestantsOf(model)) {
      if (!options.withPeers && peers.some((peer) => peer === name) && !name.startsWith("torch")) continue
      const result: NonNullable<typeof results[typeof name]> = results[name] = { rounds: [] }
      const started = yield* launch(name, options)
      if (started === undefined) {
        result.failed = "not found"
        continue
      }
      const [hello, process] = started
      if (hasFailed(hello)) {
        result.failed = hello.failed
        continue
      }
      if (hello.version !== undefined) result.version = hello.version
      const plan = yield* warmUp(process, options)
      if (hasFailed(plan)) {
        result.failed = plan.failed
        continue
      }
      result.steps = plan.steps
      ready.push([name, plan])
    }
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < ready.length; turn++) {
        const [name, { isIn, process, steps }] = ready[(round + turn) % ready.length]!
        const result = results[name]!
        if (result.failed !== undefined || !isIn(round)) continue
        const sample = yield* process.ask<Round>(String(steps))
        if (hasFailed(sample)) result.failed = sample.failed
        else result.rounds[round] = sample
      }
    }
    return { model, batch, results }
  }).pipe(Effect.scoped)
