import { add, concat, slice, zeros as tensorOfZeros } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fail, found, shapeOf } from "../backend/checks.ts"
import type { ShapeError } from "../core/errors.ts"
import { fold } from "../core/Key.ts"
import { boolean, oneOf, positiveInteger } from "../core/Kind.ts"
import type { Kind } from "../core/Kind.ts"
import { equals, format, isShape } from "../core/Shape.ts"
import type { Shape, ShapeTree } from "../core/Shape.ts"
import { isTensor } from "../core/Tree.ts"
import { zeros } from "../initializers/distributions.ts"
import { initializer } from "../initializers/kind.ts"
import type { Initializer } from "../initializers/kind.ts"
import { orthogonal } from "../initializers/orthogonal.ts"
import { glorotUniform } from "../initializers/scaled.ts"
import { dense } from "../ops/dense.ts"
import { gatesOf, recurrence } from "../ops/recurrence.ts"
import { kind } from "./kind.ts"
import type { Masked } from "./lambda.ts"
import { known, mismatch, stateless } from "./Layer.ts"
import type { Empty, Layer } from "./Layer.ts"

/** The parameters of a recurrent layer, of so many units for each gate. */
export type RecurrentParams = {
  /** `[features, gates * units]` */
  readonly kernel: Tensor
  /** `[units, gates * units]` */
  readonly recurrentKernel: Tensor
  /** `[gates * units]`, added to what the kernel gives. */
  readonly bias: Tensor
  /** `[gates * units]`, added to what the recurrent kernel gives. */
  readonly recurrentBias: Tensor
}

/** What a recurrent layer gives: the hidden states of all steps, or that of the last one. */
export type Returns = "all" | "last"

/** The options of {@link lstm} and {@link gru}. */
export interface RecurrentOptions {
  /** By default `"all"`. */
  readonly returns?: Returns
  /** Against time, from the last step to the first. By default false; see {@link bidirectional}. */
  readonly reverse?: boolean
  /** By default `glorotUniform`. */
  readonly kernelInitializer?: Initializer
  /** By default `orthogonal()`. */
  readonly recurrentInitializer?: Initializer
  /** Of both biases, by default `zeros`. */
  readonly biasInitializer?: Initializer
}

/** The options of {@link rnn}. */
export interface RnnOptions extends RecurrentOptions {
  /** By default `"tanh"`. */
  readonly activation?: "tanh" | "relu"
}

/** A sequence `[time, features]`, and a mask of `[time]` where its steps do not all count. */
export type Sequence = Tensor | Masked

type Cell = Parameters<typeof recurrence>[0]["cell"]

const units = { type: positiveInteger, bare: true } as const

const others = {
  returns: { type: /* @__PURE__ */ oneOf("all", "last"), default: "all" },
  reverse: { type: boolean, default: false },
  kernelInitializer: { type: initializer, default: glorotUniform },
  recurrentInitializer: { type: initializer, optional: true },
  biasInitializer: { type: initializer, default: zeros }
} as const

const options = { units, ...others }

const SEQUENCE = "[time, features]"

/** What a sequence consists of, with a mask or without; types forbid anything else, data do not. */
const shapeIn = (name: string, input: ShapeTree): Result.Result<Shape, ShapeError> => {
  const shape = isShape(input) ? input : (input as { readonly x?: ShapeTree } | undefined)?.x
  return shape !== undefined && isShape(shape) ? Result.succeed(shape) : mismatch(name, "a tensor", format(input))
}

const partsIn = (name: string, given: Sequence): { readonly x: Tensor; readonly mask?: Tensor } =>
  isTensor(given) ? { x: given } : isTensor(given?.x) ? given : fail(name, "a tensor", found(given))

const layerOf = (
  name: string,
  cell: Cell,
  { biasInitializer, kernelInitializer, recurrentInitializer = orthogonal(), returns, reverse, units }: {
    readonly units: number
    readonly returns: Returns
    readonly reverse: boolean
    readonly kernelInitializer: Initializer
    readonly recurrentInitializer?: Initializer | undefined
    readonly biasInitializer: Initializer
  }
): Layer<RecurrentParams, Empty, Sequence, Sequence> => {
  const width = gatesOf(cell) * units
  return stateless<RecurrentParams, Sequence, Sequence>({
    name,
    multiplyAdds: ({ kernel, recurrentKernel }, input) => {
      const time = Result.getOrThrow(shapeIn(name, input))[0]!
      return time === null ? null : time * (kernel.size + recurrentKernel.size)
    },
    init: (key, input) =>
      Result.gen(function*() {
        const shape = yield* shapeIn(name, input)
        if (shape.length !== 2) return yield* mismatch(name, SEQUENCE, shape)
        const [features] = yield* known(name, SEQUENCE, shape, 1), [time] = shape as readonly [number | null, number]
        return {
          params: {
            kernel: kernelInitializer(fold(key, 0), [features, width]),
            recurrentKernel: recurrentInitializer(fold(key, 1), [units, width]),
            bias: biasInitializer(fold(key, 2), [width]),
            recurrentBias: biasInitializer(fold(key, 3), [width])
          },
          output: returns === "last" ? [units] : isShape(input) ? [time, units] : { ...input, x: [time, units] }
        }
      }),
    apply: ({ bias, kernel, recurrentBias, recurrentKernel }, given) => {
      const { mask, x } = partsIn(name, given)
      if (x.rank !== 3 || x.shape[2] !== kernel.shape[0]) {
        fail(name, `x [batch, time, ${kernel.shape[0]}]`, shapeOf(x))
      }
      if (mask !== undefined && !equals(mask.shape, x.shape.slice(0, 2))) {
        fail(name, `a mask of ${format(x.shape.slice(0, 2))}, as its x`, shapeOf(mask))
      }
      // A GRU resets what the recurrent kernel gives for its candidate, and that bias with it.
      const isGru = cell === "gru", split = 2 * units
      const inside = isGru ? concat([slice(recurrentBias, 0, split), tensorOfZeros([units])]) : recurrentBias
      const { hidden, state } = recurrence({
        ...{ cell, x: dense(x, kernel, add(bias, inside)), kernel: recurrentKernel, reverse },
        ...(isGru ? { bias: slice(recurrentBias, split, units) } : {}),
        ...(mask === undefined ? {} : { mask })
      })
      return returns === "last" ? state.hidden : isTensor(given) ? hidden : { ...given, x: hidden }
    }
  })
}

type Constructor<O> =
  & {
    <X extends Sequence = Tensor>(
      units: number,
      options: O & { readonly returns: "last" }
    ): Layer<RecurrentParams, Empty, X, Tensor>
    <X extends Sequence = Tensor>(
      units: number,
      options?: O & { readonly returns?: "all" }
    ): Layer<RecurrentParams, Empty, X, X>
  }
  & Kind

/**
 * A recurrent layer: h = tanh(x kernel + bias + h recurrentKernel + recurrentBias) step by step, or the rectified sum
 * (Elman: "Finding structure in time", 1990; the equations are PyTorch's). From `[time, features]` to `[time, units]`,
 * or to `[units]` of the last step; the first state is 0. Of a sequence with a mask, `Layers.rnn<Layers.Masked>(8)`,
 * steps where the mask is 0 leave the state as it is. Throws a `RangeError` for units that are no positive integer.
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
  make: ({ activation, ...rest }) => layerOf("rnn", activation, rest)
}) as Constructor<RnnOptions>

/**
 * Long short-term memory (Hochreiter, Schmidhuber: "Long short-term memory", 1997; Gers, Schmidhuber, Cummins:
 * "Learning to forget", 2000): a recurrent layer whose cells are kept, added to and read as three gates say. From
 * `[time, features]` to `[time, units]`, or to `[units]` of the last step; the first state is 0. The parameters have
 * the input, forget, candidate and output gates in this order, as in PyTorch. Of a sequence with a mask,
 * `Layers.lstm<Layers.Masked>(8)`, steps where the mask is 0 leave the state as it is. Throws a `RangeError` for units
 * that are no positive integer.
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
  make: (options) => layerOf("lstm", "lstm", options)
}) as Constructor<RecurrentOptions>

/**
 * A gated recurrent unit (Cho et al.: "Learning phrase representations using RNN encoder-decoder", 2014): a recurrent
 * layer that mixes its state with a candidate as a gate says. From `[time, features]` to `[time, units]`, or to
 * `[units]` of the last step; the first state is 0. The parameters have the reset gate, the update gate and the
 * candidate in this order, and the candidate is reset after the product with the recurrent kernel, as in PyTorch and
 * cuDNN. Masks are as for {@link lstm}. Throws a `RangeError` for units that are no positive integer.
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
  make: (options) => layerOf("gru", "gru", options)
}) as Constructor<RecurrentOptions>
