import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { ShapeError } from "../core/errors.ts"
import type { Key } from "../core/Key.ts"
import type * as Kind from "../core/Kind.ts"
import { format, isKnown, isShape } from "../core/Shape.ts"
import type { Known, Shape, ShapeTree } from "../core/Shape.ts"
import { leaves } from "../core/Tree.ts"
import type { ShapeOf, Tree } from "../core/Tree.ts"

/** How a layer is run: whether it is being trained, and the key of its randomness in this step. */
export interface Mode {
  readonly training: boolean
  readonly key: Key
  /** Whether layers that are stateful begin anew, whatever state was carried to here. By default they go on from it. */
  readonly fresh?: boolean
  /** Told by combinators what each child gives, with its path; see `Layers.activations`. */
  readonly observe?: (path: string, y: Tree) => void
  /** Told by attention what it weighs values with, and by combinators at which path; see `Layers.attentions`. */
  readonly attended?: (path: string, weights: Tensor) => void
}

/** What a layer starts from: its parameters, its running state, and the shape of what it gives for one example. */
export interface Initial<P, S, Y extends Tree = Tensor> {
  readonly params: P
  readonly state: S
  readonly output: ShapeOf<Y>
}

/**
 * A layer: a pair of pure, synchronous functions over tensors. `P` is its trained parameters, `S` its running state
 * (both immutable trees, `{}` when there are none), `X` and `Y` what it takes and gives, by default one tensor.
 *
 * - `init` is given the shape of one example, without the batch dimension; a dimension is `null` where it is not known,
 *   and can then be another in each batch: see `Layers.known`. Nothing is freed when it fails half-way: call
 *   it inside `Backend.tensors`, or inside `tidy`.
 * - `apply` is given a batch, the batch dimension first. It runs inside a gradient tape: it disposes nothing.
 *
 * The same key gives the same parameters, and the same mode the same output.
 */
export interface Layer<P, S, X extends Tree = Tensor, Y extends Tree = Tensor> {
  /** Its kind and configuration, `conv2d(32, 3x3)`: what a checkpoint says about the model that it holds. */
  readonly name: string
  readonly init: (key: Key, input: ShapeOf<X>) => Result.Result<Initial<P, S, Y>, ShapeError>
  readonly apply: (params: P, state: S, x: X, mode: Mode) => readonly [y: Y, state: S]
  /** Of what kind it is, with which options and children: what `Layers.describe` writes. Layers of a kind have it. */
  readonly configuration?: Configuration | undefined
  /**
   * Whether what it gives for an example depends on the others of the batch when training, as with batch norm. What has
   * children says it when one of them does; a kind (`Layers.kind`) by itself.
   */
  readonly mixesExamples?: boolean | undefined
  /**
   * The products with its parameters that are added up for one example, `null` where a dimension that they depend on is
   * not known: for `Layers.summary`. `inside` is what its children have together, which is the number where it says
   * nothing itself.
   */
  readonly multiplyAdds?:
    | ((params: P, input: ShapeOf<X>, output: ShapeOf<Y>, inside: number | null) => number | null)
    | undefined
  /** How it runs as one with the layer behind it. */
  readonly fusion?: Fusion | undefined
}

/**
 * Of what kind a layer is, with which options and children. A child whose name is empty has the path of its parent: its
 * parameters are the parent's.
 */
export type Configuration = Kind.Configuration<Any>

/**
 * How a layer runs as one with a rectifier behind it, in fewer passes over memory (`rectified`), or that it is such a
 * rectifier (`slope`, of at least 0, for x below 0). It is said of one `apply`: a copy of a layer with another runs as
 * that says.
 */
export interface Fusion {
  readonly of: unknown
  readonly slope?: number
  readonly rectified?: (
    params: never,
    state: never,
    x: Tensor,
    mode: Mode,
    slope: number
  ) => readonly [y: Tensor, state: unknown]
}

/** Any layer. */
// oxlint-disable-next-line typescript/no-explicit-any -- a layer is invariant in all four: only `any` takes every layer
export type Any = Layer<any, any, any, any>

/** The parameters of a layer. */
// oxlint-disable-next-line typescript/no-explicit-any -- see Any
export type Params<L> = L extends Layer<infer P, any, any, any> ? P : never

/** The running state of a layer. */
// oxlint-disable-next-line typescript/no-explicit-any -- see Any
export type State<L> = L extends Layer<any, infer S, any, any> ? S : never

/** What a layer takes. */
// oxlint-disable-next-line typescript/no-explicit-any -- see Any
export type Input<L> = L extends Layer<any, any, infer X, any> ? X : never

/** What a layer gives. */
// oxlint-disable-next-line typescript/no-explicit-any -- see Any
export type Output<L> = L extends Layer<any, any, any, infer Y> ? Y : never

/** No parameters, or no running state. */
export type Empty = {}

const isPossible = (shape: ShapeTree): boolean =>
  leaves(shape, { isLeaf: isShape }).every((shape) =>
    shape.every((dimension) => dimension === null || (Number.isSafeInteger(dimension) && dimension > 0))
  )

/**
 * The failure of an `init`: what a layer of this kind takes and what it was given. Combinators put the path of the
 * layer before it. In `apply` it is thrown, by `Result.getOrThrow`, when a batch does not fit.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Layers } from "effect-neuron"
 *
 * Result.getFailure(Layers.mismatch("conv2d", "[height, width, channels]", [784])).valueOrUndefined?.message
 * // => "conv2d expects [height, width, channels], got [784]"
 * ```
 */
export const mismatch = (
  kind: string,
  expected: string,
  actual: Shape | string
): Result.Result<never, ShapeError> => Result.fail(new ShapeError({ path: "", kind, expected, actual }))

/**
 * The dimensions of an input, or its last `axes`, as numbers: for an `init` that makes parameters of that size. Fails
 * where there are fewer of them, or where one is not known.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Layers } from "effect-neuron"
 *
 * Result.getOrThrow(Layers.known("mine", "[..., features]", [null, 8], 1)) // => [8]
 * Result.getFailure(Layers.known("mine", "[..., features]", [8, null], 1)).valueOrUndefined?.message
 * // => "mine expects [..., features], the last dimension known, got [8, ?]"
 * ```
 */
export const known: {
  (kind: string, expected: string, input: Shape, axes: 1): Result.Result<readonly [number], ShapeError>
  (kind: string, expected: string, input: Shape, axes?: number): Result.Result<Known, ShapeError>
} = (kind: string, expected: string, input: Shape, axes?: number): Result.Result<never, ShapeError> => {
  // Types forbid a record, descriptions and data do not.
  if (!isShape(input)) return mismatch(kind, expected, format(input))
  if (axes !== undefined && input.length < axes) return mismatch(kind, expected, input)
  const last = axes === undefined ? input : input.slice(input.length - axes)
  if (isKnown(last)) return Result.succeed(last as never)
  const which = axes === undefined
    ? "all dimensions"
    : axes === 1
    ? "the last dimension"
    : `the last ${axes} dimensions`
  return mismatch(kind, `${expected}, ${which} known`, input)
}

/** A name's kind, what it has before its configuration: `conv2d` of `conv2d(32, 3x3)`. */
export const kindOf = (name: string): string => name.split("(", 1)[0]!

/**
 * Makes a layer of one's own, with parameters, running state, or both. Dimensions that are not positive integers are
 * refused before its `init` sees them.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * // Counts its batches.
 * const counter = Layers.make<{}, { readonly batches: number }>({
 *   name: "counter",
 *   init: (_, input) => Result.succeed({ params: {}, state: { batches: 0 }, output: input }),
 *   apply: (_, state, x) => [x, { batches: state.batches + 1 }]
 * })
 * counter.apply({}, { batches: 7 }, tf.zeros([1]), { training: true, key: Key.make(0) })[1] // => { batches: 8 }
 * ```
 */
export const make = <P extends Tree, S extends Tree, X extends Tree = Tensor, Y extends Tree = Tensor>(
  layer: Layer<P, S, X, Y>
): Layer<P, S, X, Y> => {
  const { init, name } = layer
  return {
    ...layer,
    init: (key, input) => {
      if (isPossible(input)) return init(key, input)
      return mismatch(
        kindOf(name),
        "positive integers as dimensions, or null for unknown ones",
        isShape(input) ? input : format(input)
      )
    }
  }
}

/**
 * Makes a layer with parameters and no running state.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * const scale = Layers.stateless<{ readonly factor: tf.Tensor }>({
 *   name: "scale",
 *   init: (_, input) =>
 *     Result.map(Layers.known("scale", "[...]", input), (shape) => ({
 *       params: { factor: tf.ones([...shape]) },
 *       output: input
 *     })),
 *   apply: ({ factor }, x) => tf.mul(x, factor)
 * })
 * const [y] = scale.apply({ factor: tf.tensor1d([3, 5]) }, {}, tf.ones([1, 2]), { training: false, key: Key.make(0) })
 * y.arraySync() // => [[3, 5]]
 * ```
 */
export const stateless = <P extends Tree, X extends Tree = Tensor, Y extends Tree = Tensor>({ apply, init, ...rest }: {
  readonly name: string
  readonly init: (
    key: Key,
    input: ShapeOf<X>
  ) => Result.Result<{ readonly params: P; readonly output: ShapeOf<Y> }, ShapeError>
  readonly apply: (params: P, x: X, mode: Mode) => Y
  readonly mixesExamples?: boolean | undefined
  readonly multiplyAdds?: (params: P, input: ShapeOf<X>, output: ShapeOf<Y>) => number | null
}): Layer<P, Empty, X, Y> =>
  make<P, Empty, X, Y>({
    ...rest,
    init: (key, input) => Result.map(init(key, input), (initial) => ({ ...initial, state: {} })),
    apply: (params, state, x, mode) => [apply(params, x, mode), state]
  })
