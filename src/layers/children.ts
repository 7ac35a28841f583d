import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { ShapeError } from "../core/errors.ts"
import { fold } from "../core/Key.ts"
import type { Key } from "../core/Key.ts"
import { cameFrom } from "../core/places.ts"
import type { ShapeOf, Tree } from "../core/Tree.ts"
import type { Any, Initial, Layer, Mode } from "./Layer.ts"

/** Children in their order; a child has the randomness of its position and the path of its key. */
export type Children = ReadonlyArray<readonly [key: string, child: Any]>

const moved = (key: string, { actual, expected, kind, path }: ShapeError): ShapeError =>
  new ShapeError({ path: path === "" ? key : `${key}.${path}`, kind, expected, actual })

/**
 * The result of a child's `init` with the child's key put before the path of its error.
 *
 * @example
 * ```ts
 * import { Key, Layers } from "effect-neuron"
 * import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
 *
 * const inner = Layers.flatten.init(Key.make(0), [0])
 * Result.getFailure(Layers.under("a", inner)).valueOrUndefined?.path // => "a"
 * ```
 */
export const under = <A>(key: string, result: Result.Result<A, ShapeError>): Result.Result<A, ShapeError> =>
  Result.mapError(result, (error) => moved(key, error))

/**
 * What a function of a child gives. A {@link ShapeError} that it throws gets the child's key before its path; of
 * another error it is noted where it came from.
 */
export const running = <A>(key: string, run: () => A): A => {
  try {
    return run()
  } catch (error) {
    if (error instanceof ShapeError) throw moved(key, error)
    cameFrom(key, error)
    throw error
  }
}

/**
 * The children of a record. Throws a `RangeError` for a key with a dot, which separates the keys of a path, and for a
 * whole number, which a record moves before its other keys.
 *
 * @example
 * ```ts
 * import { Layers } from "effect-neuron"
 *
 * Layers.childrenOf("mine", { head: Layers.relu }).map(([path, { name }]) => `${path}: ${name}`) // => ["head: relu"]
 * ```
 */
export const childrenOf = (parent: string, layers: Readonly<Record<string, Any>>): Children => {
  const children = Object.entries(layers)
  for (const [key] of children) {
    if (key === "" || key === "__proto__" || key.includes(".") || /^\d+$/.test(key)) {
      throw new RangeError(`${parent}: a name is not empty, not a number and without dots, got ${JSON.stringify(key)}`)
    }
  }
  return children
}

/**
 * What the `i`-th child starts from with the key of its position, in the `init` of a combinator: a `ShapeError` gets
 * the child's key before its path. {@link applyChild} runs it.
 *
 * @example
 * ```ts
 * import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * const child = ["head", Layers.dense(1)] as const
 * const { output, params } = Result.getOrThrow(Layers.initChild(child, 0, Key.make(0), [4]))
 * output // => [1]
 * params.kernel.shape // => [4, 1]
 * Result.getFailure(Layers.initChild(child, 0, Key.make(0), [])).valueOrUndefined?.message
 * // => "head (dense) expects [..., features], got []"
 * ```
 */
export const initChild = <P, S, X extends Tree, Y extends Tree>(
  [path, child]: readonly [key: string, child: Layer<P, S, X, Y>],
  i: number,
  key: Key,
  input: ShapeOf<X>
): Result.Result<Initial<P, S, Y>, ShapeError> => under(path, running(path, () => child.init(fold(key, i), input)))

/**
 * Runs the `i`-th child with the key of its position, in the `apply` of a combinator: whoever observes the parent sees
 * what it gives, at its path, and a `ShapeError` that it throws gets the path.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * const mode = { training: false, key: Key.make(0) }
 * const [y] = Layers.applyChild(["act", Layers.relu], 0, {}, {}, tf.tensor1d([-1, 2]), mode)
 * const values = (y as tf.Tensor).arraySync()
 * values // => [0, 2]
 * ```
 */
export const applyChild = (
  [path, child]: Children[number],
  i: number,
  params: unknown,
  state: unknown,
  x: Tree,
  { attended, fresh, key, observe, training }: Mode
): readonly [y: Tree, state: unknown] => {
  const own = { training, key: fold(key, i) }, mode = fresh ? { ...own, fresh } : own
  if (observe === undefined && attended === undefined) return running(path, () => child.apply(params, state, x, mode))
  const watched = {
    ...mode,
    ...(observe && { observe: (below: string, y: Tree) => observe(`${path}.${below}`, y) }),
    ...(attended &&
      { attended: (below: string, weights: Tensor) => attended(below === "" ? path : `${path}.${below}`, weights) })
  }
  const outcome = running(path, () => child.apply(params, state, x, watched))
  observe?.(path, outcome[0])
  return outcome
}
