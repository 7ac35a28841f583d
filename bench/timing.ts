import { Effect } from "effect"
import type { Sample } from "./answers.ts"

/** Runs `once` that many times. The whole is timed and not each step, so that garbage collection counts. */
export const timed = <E, R>(steps: number, once: Effect.Effect<unknown, E, R>): Effect.Effect<Sample, E, R> =>
  Effect.gen(function*() {
    const cpu = process.threadCpuUsage(), start = performance.now()
    for (let i = 0; i < steps; i++) yield* once
    const wall = performance.now() - start, { system, user } = process.threadCpuUsage(cpu)
    return { wall: wall / steps, cpu: (user + system) / 1000 / steps }
  })

export type Summary = { readonly median: number; readonly min: number; readonly max: number }

export const summarize = (values: ReadonlyArray<number>): Summary => {
  const sorted = [...values].sort((a, b) => a - b), n = sorted.length
  const median = (sorted[(n - 1) >> 1]! + sorted[n >> 1]!) / 2
  return { median, min: sorted[0]!, max: sorted[n - 1]! }
}

/**
 * How many times as long `a` takes as `b`, round by round: both parts of a round run within a second, and so on a
 * machine that is equally busy.
 */
export const ratio = (a: ReadonlyArray<number>, b: ReadonlyArray<number>): Summary =>
  summarize(a.map((value, round) => value / b[round]!))
