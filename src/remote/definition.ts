import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import type { Experiment } from "../experiment/Experiment.ts"
import { Failures } from "./failures.ts"
import {
  array,
  arrays,
  Distributions,
  Evaluated,
  Examination,
  Examples,
  Going,
  Gone,
  GradientNorms,
  moved,
  MovedBytes,
  NamedArrays,
  Picture,
  Points,
  Sampled,
  sent,
  Splits,
  Status
} from "./wire.ts"
import type { Codec } from "./wire.ts"

/**
 * What a page and its worker agree on: how a training is configured, how else than usual it can fail, and what its
 * model takes and gives.
 */
export interface Definition<C extends Codec, F extends Codec, X extends Codec = Codec, Y extends Codec = Codec> {
  readonly config: C
  readonly failure: F
  readonly input: X
  readonly output: Y
}

/**
 * Defines a kind of training for both sides of a worker: the schema of its configuration, which is a value that can be
 * sent, and of errors of the program's own. Errors of this library cross without being named here. `input` and `output`
 * are the schemas of what its model is asked with and of what it answers, by default one array each ({@link array}):
 * the client takes and gives these types, and a worker whose model has others does not compile.
 *
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import * as Remote from "effect-neuron/remote"
 *
 * const Digits = Remote.define({ config: Schema.Struct({ hidden: Schema.Int, learningRate: Schema.Number }) })
 * const Prices = Remote.define({
 *   config: Schema.Struct({ seed: Schema.Int }),
 *   input: Schema.Struct({ rooms: Remote.array, street: Remote.array })
 * })
 * Schema.decodeUnknownSync(Digits.config)({ hidden: 32, learningRate: 0.01 }).hidden // => 32
 * ```
 */
export const define = <
  C extends Codec,
  F extends Codec = typeof Schema.Never,
  X extends Codec = typeof array,
  Y extends Codec = typeof array
>(
  { config, failure, input, output }: {
    readonly config: C
    readonly failure?: F
    readonly input?: X
    readonly output?: Y
  }
): Definition<C, F, X, Y> => ({
  config,
  failure: failure ?? Schema.Never as unknown as F,
  input: input ?? array as unknown as X,
  output: output ?? array as unknown as Y
})

/** What both sides of a worker agree on, of an experiment: trees of arrays cross, whatever its model takes and gives. */
export const definitionOf = <C, R>(
  { config }: Experiment<C, R>
): Definition<Codec<C>, typeof Schema.Never, typeof arrays, typeof arrays> =>
  define({ config: config as Codec<C>, input: arrays, output: arrays })

/** What a worker can be asked. */
export const rpcs = <C extends Codec, F extends Codec, X extends Codec, Y extends Codec>(
  { config, failure, input, output }: Definition<C, F, X, Y>
) => {
  const error = Schema.Union([Failures, failure])
  return RpcGroup.make(
    Rpc.make("Start", { payload: Schema.Tuple([config, Schema.Boolean]), success: Status, error }),
    Rpc.make("Pause", { success: Status, error }),
    Rpc.make("Resume", { success: Status, error }),
    Rpc.make("Stop", { success: Status, error }),
    Rpc.make("Status", { success: Status, error }),
    Rpc.make("Step", { payload: Schema.Struct({ count: Schema.Number }), success: Points, error }),
    Rpc.make("SetLearningRate", {
      payload: Schema.Struct({ learningRate: Schema.Number, under: Schema.String }),
      success: Status,
      error
    }),
    Rpc.make("Watch", {
      payload: Schema.Struct({
        every: Schema.Number,
        capacity: Schema.Number,
        whenFull: Schema.Literals(["merge", "wait"])
      }),
      success: Points,
      error,
      stream: true
    }),
    Rpc.make("Weights", {
      payload: Schema.Struct({ paths: Schema.optionalKey(Schema.Array(Schema.String)) }),
      success: NamedArrays,
      error
    }),
    Rpc.make("Activations", {
      payload: Schema.Struct({ x: sent(input) }),
      success: Schema.Struct({ paths: Schema.Array(Schema.String), arrays: moved(arrays) }),
      error
    }),
    Rpc.make("Attentions", { payload: Schema.Struct({ x: sent(input) }), success: NamedArrays, error }),
    Rpc.make("GradientNorms", { success: GradientNorms, error }),
    Rpc.make("Distributions", { success: Distributions, error }),
    Rpc.make("Predict", { payload: Schema.Struct({ x: sent(input) }), success: moved(output), error }),
    Rpc.make("Evaluate", { success: Evaluated, error }),
    Rpc.make("Test", { success: Evaluated, error }),
    Rpc.make("Examine", { payload: Schema.Struct({ split: Splits }), success: Examination, error }),
    Rpc.make("Examples", {
      payload: Schema.Struct({ split: Splits, places: Schema.Array(Schema.Number) }),
      success: Examples,
      error
    }),
    Rpc.make("Picture", { success: Picture, error }),
    Rpc.make("Generate", { payload: Going, success: Gone, error, stream: true }),
    Rpc.make("Sample", { success: Sampled, error }),
    Rpc.make("About", { success: Schema.Unknown, error }),
    Rpc.make("Checkpoint", { success: MovedBytes, error })
  )
}
