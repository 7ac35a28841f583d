import { Console, Effect } from "effect"

const shown = (value: unknown): string =>
  typeof value === "number" && !Number.isInteger(value) ? value.toPrecision(4) : String(value)

/**
 * Prints metrics on one line, whatever they are: for the end of a pipeline. Numbers get four digits.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Report } from "effect-neuron"
 *
 * // Prints: step 938  loss 0.04060  accuracy 0.9869
 * const metrics = Stream.make({ step: 938, loss: 0.0406, accuracy: 0.98693 })
 * await Effect.runPromise(Stream.runForEach(metrics, Report.line)) // => undefined
 * ```
 */
export const line = (metrics: { readonly [name: string]: unknown }): Effect.Effect<void> =>
  Console.log(Object.entries(metrics).map(([name, value]) => `${name} ${shown(value)}`).join("  "))
