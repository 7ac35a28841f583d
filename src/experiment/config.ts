import { Effect, Schema } from "effect"
import { DataError } from "../core/errors.ts"
import type { Codec } from "./codec.ts"
import { problemsOf } from "./problems.ts"

export type { Codec }

/**
 * A field of a configuration: a schema with a default and a sentence about it, which the command line and a page show.
 *
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { Experiment } from "effect-neuron"
 *
 * const config = Schema.Struct({ hidden: Experiment.option(Schema.Int, 32, "Units of the hidden layer") })
 * Schema.decodeUnknownSync(config)({}) // => { hidden: 32 }
 * ```
 */
export const option = <S extends Schema.Constraint>(
  schema: S,
  value: NoInfer<S["Encoded"]>,
  description?: string
): Schema.withDecodingDefaultKey<S> => {
  const described = description === undefined
    ? schema
    : (schema as unknown as Schema.Top).annotate({ description }) as unknown as S
  return Schema.withDecodingDefaultKey<S>(Effect.succeed(value))(described)
}

/**
 * Whole numbers from 1.
 *
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { Experiment } from "effect-neuron"
 *
 * [1, 0].map(Schema.is(Experiment.positiveInt)) // => [true, false]
 * ```
 */
export const positiveInt = /* @__PURE__ */ Schema.Int.pipe(
  /* @__PURE__ */ Schema.check(/* @__PURE__ */ Schema.isGreaterThanOrEqualTo(1))
)

/**
 * Whole numbers from 0.
 *
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { Experiment } from "effect-neuron"
 *
 * [0, 0.5].map(Schema.is(Experiment.natural)) // => [true, false]
 * ```
 */
export const natural = /* @__PURE__ */ Schema.Int.pipe(
  /* @__PURE__ */ Schema.check(/* @__PURE__ */ Schema.isGreaterThanOrEqualTo(0))
)

/**
 * Finite numbers above 0.
 *
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { Experiment } from "effect-neuron"
 *
 * [0.5, 0].map(Schema.is(Experiment.positive)) // => [true, false]
 * ```
 */
export const positive = /* @__PURE__ */ Schema.Finite.pipe(
  /* @__PURE__ */ Schema.check(/* @__PURE__ */ Schema.isGreaterThan(0))
)

/** Finite numbers from 0 and below 1. */
export const share = /* @__PURE__ */ Schema.Finite.pipe(
  /* @__PURE__ */ Schema.check(
    /* @__PURE__ */ Schema.isGreaterThanOrEqualTo(0),
    /* @__PURE__ */ Schema.isLessThan(1)
  )
)

/** How the learning rate goes on from where it begins: as it is, or down to 0 along a cosine. */
export const schedules = ["constant", "cosine"] as const

/** What the configuration of every supervised experiment has. */
export interface Options {
  /** Passes over the training examples. */
  readonly epochs: number
  readonly batchSize: number
  readonly learningRate: number
  readonly schedule: typeof schedules[number]
  /** The share of the training examples that are held out for validation. */
  readonly validation: number
  /** How many validations may pass without a better one; 0 is as many as there are. */
  readonly patience: number
  readonly seed: number
}

const initial: Options = {
  epochs: 10,
  batchSize: 32,
  learningRate: 1e-3,
  schedule: "constant",
  validation: 0.1,
  patience: 0,
  seed: 42
}

/**
 * The fields that the configuration of every supervised experiment has, with defaults of one's own:
 * `Schema.Struct({ ...Experiment.options({ epochs: 20 }), hidden: Experiment.option(Schema.Int, 32) })`.
 *
 * | field | default | |
 * |---|---|---|
 * | `epochs` | 10 | passes over the training examples |
 * | `batchSize` | 32 | examples in a step |
 * | `learningRate` | 0.001 | where it begins |
 * | `schedule` | `"constant"` | or `"cosine"`: down to 0 at the last step (Loshchilov and Hutter, 2017) |
 * | `validation` | 0.1 | the share of the training examples that are held out |
 * | `patience` | 0 | epochs without a better validation after which it stops; 0: none |
 * | `seed` | 42 | of the first weights, of dropout, of the order of the examples |
 *
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { Experiment } from "effect-neuron"
 *
 * const config = Schema.Struct(Experiment.options({ epochs: 20 }))
 * Schema.decodeUnknownSync(config)({ batchSize: 50 }).epochs // => 20
 * ```
 */
export const options = (defaults: Partial<Options> = {}) => {
  const of = { ...initial, ...defaults }
  return {
    epochs: option(positiveInt, of.epochs, "Passes over the training examples"),
    batchSize: option(positiveInt, of.batchSize, "Examples in a step"),
    learningRate: option(positive, of.learningRate, "The learning rate at the start"),
    schedule: option(
      Schema.Literals(schedules),
      of.schedule,
      "How the learning rate goes on: as it is, or down to 0 along a cosine"
    ),
    validation: option(share, of.validation, "The share of the training examples that are held out for validation"),
    patience: option(natural, of.patience, "Epochs without a better validation after which it stops (0: none)"),
    seed: option(natural, of.seed, "The same seed gives the same weights")
  }
}

/**
 * The configuration of an experiment from JSON, completed by its defaults. Fails with a `DataError` that names every
 * field that is wrong or not known.
 *
 * @example
 * ```ts
 * import { Effect, Schema } from "effect"
 * import { Experiment } from "effect-neuron"
 *
 * const config = Schema.Struct(Experiment.options())
 * const error = Effect.runSync(Effect.flip(Experiment.parse("xor", config, { epochs: 0, hiden: 3 })))
 * error.message
 * // => "configuration of xor, hiden: expected no field of this name, found 3; epochs: expected a whole number from 1 on, found 0"
 * ```
 */
export const parse = <C>(name: string, config: Codec<C>, json: unknown): Effect.Effect<C, DataError> =>
  Schema.decodeUnknownEffect(config, { errors: "all", onExcessProperty: "error" })(json).pipe(
    Effect.mapError((cause) => {
      const [first, ...others] = problemsOf(config, json, cause.issue), field = first?.field ?? ""
      const further = others.map(({ expected, field, found }) => `; ${field}: expected ${expected}, found ${found}`)
      return new DataError({
        source: `configuration of ${name}${field === "" ? "" : `, ${field}`}`,
        expected: first?.expected ?? "a valid one",
        actual: `${first?.found ?? "another one"}${further.join("")}`,
        cause
      })
    })
  )

/** A configuration as JSON. */
export const encode = <C>(config: Codec<C>, value: C): { readonly [name: string]: unknown } =>
  Schema.encodeUnknownSync(config)(value) as { readonly [name: string]: unknown }
