import type { Tensor } from "@tensorflow/tfjs-core"
import { boolean, oneOf, positiveInteger } from "../core/Kind.ts"
import type { Kind } from "../core/Kind.ts"
import { initializer } from "../initializers/kind.ts"
import type { Initializer } from "../initializers/kind.ts"
import { glorotUniform } from "../initializers/scaled.ts"
import type { RecurrentState } from "../ops/recurrence.ts"
import { kind } from "./kind.ts"
import type { Empty, Layer } from "./Layer.ts"
import { statefulness } from "./options.ts"
import { recurrentLayer } from "./recurrentLayer.ts"
import type { Hidden, RecurrentInput, RecurrentParams, Returns, WithState } from "./recurrentLayer.ts"

/** The options of {@link lstm} and {@link gru}. */
export interface RecurrentOptions {
  /** By default `"all"`. */
  readonly returns?: Returns
  /** Against time, from the last step to the first. By default false; see {@link bidirectional}. */
  readonly reverse?: boolean
  /**
   * Whether its state is carried from one batch to the next, in the running state of the model: `{ hidden, cells }`, of
   * an LSTM, `{ hidden }` of others, with no example at first, or with zeros for as many as this says. By default
   * false; see {@link stateful}.
   */
  readonly stateful?: boolean | number
  /** By default `glorotUniform`. */
  readonly kernelInitializer?: Initializer
  /** By default `orthogonal()`. */
  readonly recurrentInitializer?: Initializer
  /**
   * Of both biases, by default `zeros`, and 1 for the forget gate of an LSTM, which so remembers before it has learned
   * when (Jozefowicz, Zaremba, Sutskever: "An empirical exploration of recurrent network architectures", 2015).
   */
  readonly biasInitializer?: Initializer
}

/** The options of {@link rnn}. */
export interface RnnOptions extends RecurrentOptions {
  /** By default `"tanh"`. */
  readonly activation?: "tanh" | "relu"
}

const units = { type: positiveInteger, bare: true } as const

const others = {
  returns: { type: /* @__PURE__ */ oneOf("all", "last", "state"), default: "all" },
  reverse: { type: boolean, default: false },
  stateful: { type: statefulness, default: false },
  kernelInitializer: { type: initializer, default: glorotUniform },
  recurrentInitializer: { type: initializer, optional: true },
  biasInitializer: { type: initializer, optional: true }
} as const

const options = { units, ...others }

type Constructor<O, State extends RecurrentState> =
  & {
    <X extends RecurrentInput = Tensor>(
      units: number,
      options: O & { readonly returns: "last" }
    ): Layer<RecurrentParams, Empty, NoInfer<X>, Tensor>
    <X extends RecurrentInput = Tensor>(
      units: number,
      options: O & { readonly returns: "state" }
    ): Layer<RecurrentParams, Empty, NoInfer<X>, WithState<NoInfer<X>, State>>
    <X extends RecurrentInput = Tensor>(
      units: number,
      options?: O & { readonly returns?: "all" }
    ): Layer<RecurrentParams, Empty, NoInfer<X>, Hidden<NoInfer<X>>>
  }
  & Kind

/**
 * A recurrent layer: h = tanh(x kernel + bias + h recurrentKernel + recurrentBias) step by step, or the rectified sum
 * (Elman: "Finding structure in time", 1990; the equations are PyTorch's). From `[time, features]` to `[time, units]`,
 * to `[units]` of the last step, or to the hidden states as `x` beside the last state as `state`; the first state is 0,
 * or that of a sequence `{ x, state }`, `Layers.rnn<Layers.Resumed>(8)`. Of a sequence with a mask,
 * `Layers.rnn<Layers.Masked>(8)`, steps where the mask is 0 leave the state as it is. Throws a `RangeError` for units
 * that are no positive integer, and for one against time that is stateful.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * Result.getOrThrow(Layers.rnn(8).init(Key.make(0), [null, 3])).output // => [null, 8]
 * Layers.rnn(8, { activation: "relu", returns: "last" }).name // => "rnn(8, relu, last)"
 * ```
 */
export const rnn = /* @__PURE__ */ kind("rnn", {
  options: { units, activation: { type: /* @__PURE__ */ oneOf("tanh", "relu"), default: "tanh" }, ...others },
  given: (units: number, options: RnnOptions = {}) => [{ ...options, units }],
  make: ({ activation, ...rest }) => recurrentLayer("rnn", activation, rest)
}) as Constructor<RnnOptions, { readonly hidden: Tensor }>

/**
 * Long short-term memory (Hochreiter, Schmidhuber: "Long short-term memory", 1997; Gers, Schmidhuber, Cummins:
 * "Learning to forget", 2000): a recurrent layer whose cells are kept, added to and read as three gates say. From
 * `[time, features]` to `[time, units]`. The parameters have the input, forget, candidate and output gates in this
 * order, as in PyTorch. What it gives, and masks and states that it takes, are as for {@link rnn}.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * const classifier = Layers.named({
 *   below: Layers.lstm(64),
 *   above: Layers.lstm(32, { returns: "last" }),
 *   head: Layers.dense(2)
 * })
 * Result.getOrThrow(classifier.init(Key.make(0), [100, 16])).output // => [2]
 * ```
 */
export const lstm = /* @__PURE__ */ kind("lstm", {
  options,
  given: (units: number, options: RecurrentOptions = {}) => [{ ...options, units }],
  make: (options) => recurrentLayer("lstm", "lstm", options)
}) as Constructor<RecurrentOptions, { readonly hidden: Tensor; readonly cells: Tensor }>

/**
 * A gated recurrent unit (Cho et al.: "Learning phrase representations using RNN encoder-decoder", 2014): a recurrent
 * layer that mixes its state with a candidate as a gate says. From `[time, features]` to `[time, units]`. The
 * parameters have the reset gate, the update gate and the candidate in this order, and the candidate is reset after the
 * product with the recurrent kernel, as in PyTorch and cuDNN. What it gives, and masks and states that it takes, are as
 * for {@link rnn}.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * const { params } = Result.getOrThrow(Layers.gru(8).init(Key.make(0), [10, 3]))
 * params.recurrentKernel.shape // => [8, 24]
 * ```
 */
export const gru = /* @__PURE__ */ kind("gru", {
  options,
  given: (units: number, options: RecurrentOptions = {}) => [{ ...options, units }],
  make: (options) => recurrentLayer("gru", "gru", options)
}) as Constructor<RecurrentOptions, { readonly hidden: Tensor }>
