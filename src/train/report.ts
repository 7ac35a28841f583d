import { Console, Effect } from "effect"
import { isBranch } from "../core/structure.ts"

const shown = (value: unknown): string =>
  typeof value === "number" && !Number.isInteger(value) ? value.toPrecision(4) : String(value)

/** Metrics by name, those of a record behind a dot. */
const flat = (metrics: object, prefix = ""): ReadonlyArray<readonly [name: string, value: unknown]> =>
  Object.entries(metrics).flatMap(([name, value]) =>
    isBranch(value) && !Array.isArray(value) ? flat(value, `${prefix}${name}.`) : [[`${prefix}${name}`, value] as const]
  )

/**
 * Prints metrics on one line, whatever they are: for the end of a pipeline. Numbers get four digits, and what stands in
 * a record its name behind a dot (`validation.loss`).
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
  Console.log(flat(metrics).map(([name, value]) => `${name} ${shown(value)}`).join("  "))
