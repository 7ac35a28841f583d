import { Effect } from "effect"
import { dual } from "effect/Function"
import type { Backend } from "../backend/Backend.ts"
import { tensors } from "../backend/Backend.ts"
import { withMade } from "../backend/made.ts"
import type { CheckpointError, TensorError } from "../core/errors.ts"
import { using } from "../core/lender.ts"
import type { Lender } from "../core/lender.ts"
import * as Tree from "../core/Tree.ts"
import { fail, parse } from "./format.ts"
import type { Contents } from "./format.ts"
import { arrayAt, filled, mismatches, numberAt } from "./match.ts"

/**
 * What a checkpoint is compared with: an effect that makes such a tree, of which nothing is left afterwards, or a
 * trainer, whose state stays as it is.
 */
export type Like<T, E = never, R = never> = Effect.Effect<T, E, R> | Lender<T>

export interface LoadOptions {
  /** Whether what the checkpoint holds beside `like` is left out. By default it is an error. */
  readonly subset?: boolean
}

export interface DecodeOptions extends LoadOptions {
  /** What the bytes are called in errors. By default `"checkpoint"`. */
  readonly name?: string
}

/** What `f` makes of a tree that stays whose it is, or goes. */
const compared = <T extends Tree.Tree, E, R, A extends Tree.Tree, E2, R2>(
  like: Like<T, E, R>,
  f: (tree: T) => Effect.Effect<A, E2, R2>
): Effect.Effect<A, E | E2, R | R2> => Effect.isEffect(like) ? withMade(like, f) : using(like, f)

/** What {@link decode} makes of bytes that are parsed. */
export const restored = <T extends Tree.Tree, E, R>(
  contents: Contents,
  like: Like<T, E, R>,
  { name, subset }: Required<DecodeOptions>
): Effect.Effect<T, E | CheckpointError | TensorError, R | Backend> =>
  compared(like, (tree): Effect.Effect<T, CheckpointError | TensorError, Backend> => {
    const reasons = mismatches(tree, contents, subset)
    return reasons.length > 0
      ? fail(name, ...reasons)
      : tensors("load checkpoint", () =>
        Tree.map(
          Tree.mapNumbers(tree, (_, leaf) => numberAt(contents, leaf)!),
          (x, leaf) => filled(x, arrayAt(contents, leaf)!)
        ))
  })

/**
 * Reads the bytes of a checkpoint, which {@link encode} or a file gave, into a tree of the same structure as `like`: an
 * effect that makes such a tree, to be compared and disposed with all that it made, or a trainer. The caller owns the
 * tensors of the result: `Train.make(Checkpoint.decode(bytes, Train.init(...)), step)` goes on from a checkpoint.
 *
 * With `subset`, what the bytes hold beside `like` is left out: `{ params, state }` of a whole training state, say.
 *
 * Fails with a `CheckpointError` that names every leaf that is missing, unexpected, or of another shape or type; `name`
 * stands in it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Effect } from "effect"
 * import { Backend, Checkpoint } from "effect-neuron"
 *
 * const program = Effect.gen(function*() {
 *   const bytes = yield* Checkpoint.encode({ step: 3, params: { kernel: tf.tensor1d([1, 2]) } })
 *   const like = Effect.sync(() => ({ step: 0, params: { kernel: tf.zeros([2]) } }))
 *   const { step, params } = yield* Checkpoint.decode(bytes, like)
 *   return [step, params.kernel.arraySync()]
 * })
 * await Effect.runPromise(Effect.provide(program, Backend.layerWasm)) // => [3, [1, 2]]
 * ```
 */
export const decode: {
  <T extends Tree.Tree, E = never, R = never>(
    like: Like<T, E, R>,
    options?: DecodeOptions
  ): (bytes: Uint8Array) => Effect.Effect<T, E | CheckpointError | TensorError, R | Backend>
  <T extends Tree.Tree, E = never, R = never>(
    bytes: Uint8Array,
    like: Like<T, E, R>,
    options?: DecodeOptions
  ): Effect.Effect<T, E | CheckpointError | TensorError, R | Backend>
} = /* @__PURE__ */ dual(
  ([bytes]) => bytes instanceof Uint8Array,
  <T extends Tree.Tree, E = never, R = never>(
    bytes: Uint8Array,
    like: Like<T, E, R>,
    { name = "checkpoint", subset = false }: DecodeOptions = {}
  ): Effect.Effect<T, E | CheckpointError | TensorError, R | Backend> =>
    Effect.flatMap(parse(bytes, name), (contents) => restored(contents, like, { name, subset }))
)
