import { above0, atLeast0, positiveInteger } from "../core/check.ts"

/** A learning rate (or any other factor) as a function of the number of updates made so far, which starts at 0. */
export type Schedule = (step: number) => number

/**
 * The same value at every step. Throws a `RangeError` unless it is finite and at least 0.
 *
 * @example
 * ```ts
 * import { Schedules } from "effect-neuron"
 *
 * Schedules.constant(0.1)(1000) // => 0.1
 * Schedules.constant(-1) // throws RangeError: Schedules.constant: value is a finite number of at least 0, got -1
 * ```
 */
export const constant = (value: number): Schedule => {
  atLeast0("Schedules.constant", "value", value)
  return () => value
}

/**
 * Exponential decay, `base · gamma^(step / every)`: the value is multiplied by `gamma` in the course of `every` steps
 * (default 1), smoothly or, with `staircase`, all at once at the end of them.
 *
 * Throws a `RangeError` unless `base` is at least 0 and `gamma` and `every` are above 0.
 *
 * @example
 * ```ts
 * import { Schedules } from "effect-neuron"
 *
 * const halving = Schedules.exponential({ base: 0.8, gamma: 0.25, every: 2 })
 * const values = [0, 1, 2, 3, 4].map(halving)
 * values // => [0.8, 0.4, 0.2, 0.1, 0.05]
 * ```
 */
export const exponential = (
  { base, every = 1, gamma, staircase = false }: {
    readonly base: number
    readonly gamma: number
    readonly every?: number
    readonly staircase?: boolean
  }
): Schedule => {
  atLeast0("Schedules.exponential", "base", base)
  above0("Schedules.exponential", "gamma", gamma)
  above0("Schedules.exponential", "every", every)
  return (step) => base * gamma ** (staircase ? Math.floor(step / every) : step / every)
}

/**
 * Multiplies the value by `gamma` after every `stepSize` steps: {@link exponential} with a staircase.
 *
 * Throws a `RangeError` unless `base` is at least 0, `gamma` above 0 and `stepSize` a positive integer.
 *
 * @example
 * ```ts
 * import { Schedules } from "effect-neuron"
 *
 * const schedule = Schedules.step({ base: 1, stepSize: 2, gamma: 0.5 })
 * const values = [0, 1, 2, 3, 4].map(schedule)
 * values // => [1, 1, 0.5, 0.5, 0.25]
 * ```
 */
export const step = (
  { base, gamma, stepSize }: { readonly base: number; readonly stepSize: number; readonly gamma: number }
): Schedule => {
  positiveInteger("Schedules.step", "stepSize", stepSize)
  return exponential({ base, gamma, every: stepSize, staircase: true })
}

/**
 * Half a cosine from `base` at step 0 down to `min` (default 0) at step `steps`, and `min` from there on:
 * `min + (base - min) · (1 + cos(π · step / steps)) / 2` (Loshchilov and Hutter, "SGDR", 2017, without restarts).
 *
 * Throws a `RangeError` unless `base` and `min` are at least 0 and `steps` is a positive integer.
 *
 * @example
 * ```ts
 * import { Schedules } from "effect-neuron"
 *
 * const schedule = Schedules.cosine({ base: 1, steps: 100 })
 * schedule(0) // => 1
 * schedule(50) // => 0.5
 * schedule(200) // => 0
 * ```
 */
export const cosine = (
  { base, min = 0, steps }: { readonly base: number; readonly steps: number; readonly min?: number }
): Schedule => {
  atLeast0("Schedules.cosine", "base", base)
  atLeast0("Schedules.cosine", "min", min)
  positiveInteger("Schedules.cosine", "steps", steps)
  return (step) => step >= steps ? min : min + (base - min) * (1 + Math.cos(Math.PI * step / steps)) / 2
}

/**
 * A straight line from `from` (default 0) at step 0 to the first value of `next` at step `steps`, and `next` from
 * there on. The clock of `next` starts when the warm-up is over: its step 0 is step `steps`.
 *
 * Throws a `RangeError` unless `from` is at least 0 and `steps` is a positive integer.
 *
 * @example
 * ```ts
 * import { Schedules } from "effect-neuron"
 *
 * const schedule = Schedules.warmup({ steps: 4, next: Schedules.step({ base: 1, stepSize: 2, gamma: 0.5 }) })
 * const values = [0, 1, 2, 3, 4, 5, 6].map(schedule)
 * values // => [0, 0.25, 0.5, 0.75, 1, 1, 0.5]
 * ```
 */
export const warmup = (
  { from = 0, next, steps }: { readonly steps: number; readonly from?: number; readonly next: Schedule }
): Schedule => {
  atLeast0("Schedules.warmup", "from", from)
  positiveInteger("Schedules.warmup", "steps", steps)
  return (step) => step < steps ? from + (next(0) - from) * step / steps : next(step - steps)
}
