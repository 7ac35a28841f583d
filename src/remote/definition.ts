import { Schema } from "effect"
import { Rpc, RpcGroup } from "effect/rpc"
import { Failures } from "./failures.ts"
import { Evaluation, MovedArrays, MovedBytes, NamedArrays, Points, SentArrays, Status } from "./wire.ts"

/** A schema that needs no services. */
export type Codec = Schema.Codec<unknown, unknown, never, never>

/** What a page and its worker agree on: how a training is configured, and how else than usual it can fail. */
export interface Definition<C extends Codec, F extends Codec> {
  readonly config: C
  readonly failure: F
}

/**
 * Defines a kind of training for both sides of a worker: the schema of its configuration, which is a value that can be
 * sent, and of errors of the program's own. Errors of this library cross without being named here.
 *
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import * as Remote from "effect-neuron/remote"
 *
 * const Digits = Remote.define({ config: Schema.Struct({ hidden: Schema.Int, learningRate: Schema.Number }) })
 * Schema.decodeUnknownSync(Digits.config)({ hidden: 32, learningRate: 0.01 }).hidden // => 32
 * ```
 */
export const define = <C extends Codec, F extends Codec = typeof Schema.Never>(
  { config, failure }: { readonly config: C; readonly failure?: F }
): Definition<C, F> => ({ config, failure: failure ?? Schema.Never as unknown as F })

/** What a worker can be asked. */
export const rpcs = <C extends Codec, F extends Codec>({ config, failure }: Definition<C, F>) => {
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
      payload: Schema.Struct({ x: SentArrays }),
      success: Schema.Struct({ paths: Schema.Array(Schema.String), arrays: MovedArrays }),
      error
    }),
    Rpc.make("GradientNorms", { success: Schema.Record(Schema.String, Schema.Number), error }),
    Rpc.make("Predict", { payload: Schema.Struct({ x: SentArrays }), success: MovedArrays, error }),
    Rpc.make("Evaluate", { success: Evaluation, error }),
    Rpc.make("Checkpoint", { success: MovedBytes, error })
  )
}
