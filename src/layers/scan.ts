import { greater, reshape, stack, unstack, where, zerosLike } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fail, found, shapeOf } from "../backend/checks.ts"
import { fold } from "../core/Key.ts"
import { boolean, oneOf } from "../core/Kind.ts"
import type { Kind, OptionType } from "../core/Kind.ts"
import { format, isKnown, isShape, unify } from "../core/Shape.ts"
import type { Known, Shape, ShapeTree } from "../core/Shape.ts"
import { isBranch } from "../core/structure.ts"
import { isTensor } from "../core/Tree.ts"
import * as Tree from "../core/Tree.ts"
import type { With } from "../core/Tree.ts"
import { constant } from "./allowance.ts"
import { carriedFor } from "./carried.ts"
import { kind } from "./kind.ts"
import type { Masked } from "./lambda.ts"
import { make, mismatch } from "./Layer.ts"
import type { Any, Layer } from "./Layer.ts"
import { partsIn, shapeIn } from "./masked.ts"
import { statefulness } from "./options.ts"
import type { Hidden, Returns } from "./recurrentLayer.ts"

/** What goes into a cell at each step: what the sequence has there, and the state after the step before. */
export type CellInput<C extends Tree.Tree> = { readonly x: Tensor; readonly state: C }

/** What a cell gives: for this step, and for the next. */
export type CellOutput<C extends Tree.Tree> = { readonly y: Tensor; readonly state: C }

/** The options of {@link scan}. */
export interface ScanOptions<C extends Tree.Tree> {
  /** The shapes of the state of one example: `[8]`, or a record or a tuple of them. */
  readonly state: With<C, Known>
  /** By default `"all"`. */
  readonly returns?: Returns
  /** Against time, from the last step to the first. By default false. */
  readonly reverse?: boolean
  /** Whether its state is carried from one batch to the next, as of {@link lstm}. By default false. */
  readonly stateful?: boolean | number
}

type States = { readonly cell: Tree.Tree; readonly carried?: Tree.Tree }
type Shapes = Tree.Tree<Known>

/** What can stand beside a sequence; a tensor or a shape has none of it. */
type Beside<A> = { readonly mask?: A; readonly state?: Tree.Tree<A> }

type CellShapes = { readonly y: Shape; readonly state: ShapeTree }

const isLeaf = { isLeaf: isShape as (u: unknown) => u is Known }

const shapesOfState: OptionType<Shapes> = {
  expected: "a shape, or a tree of them",
  parse: (given) => {
    const isOfKnown = (node: unknown): boolean =>
      isShape(node)
        ? isKnown(node) && node.every((n) => Number.isSafeInteger(n) && n > 0)
        : typeof node === "object" && node !== null && Object.values(node).every(isOfKnown)
    return isOfKnown(given) ? Tree.map<Known, Known>(given as Shapes, (shape) => [...shape], isLeaf) : undefined
  },
  text: (shapes) => `state ${format(shapes)}`,
  bare: true
}

/**
 * A recurrent layer of a cell of one's own (as `flax.linen.RNN`, or Keras' `RNN`): a layer that takes `{ x, state }`,
 * what a sequence has at a step and the state after the one before, and gives `{ y, state }`. From `[time, ...]` to what
 * the cell gives for all steps, for the last one, or for all beside the last state, as {@link lstm} does; of a sequence
 * with a mask, a step where it is 0 leaves the state as it is, and has the output of the step before, zeros at first.
 * The state starts at zeros of the shapes that are given, or at that of a sequence `{ x, state }`. Parameters and paths
 * are those of the cell, whose own running state goes from step to step as `cell`; the key of the i-th step is
 * `Key.fold(key, i)`. Throws a `RangeError` for a state that is no tree of shapes, and for one against time that is
 * stateful.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers } from "effect-neuron"
 *
 * // A leaky sum.
 * const cell = Layers.lambda<Layers.CellInput<tf.Tensor>, Layers.CellOutput<tf.Tensor>>("leaky", {
 *   shape: ({ state, x }) => ({ y: x, state }),
 *   apply: ({ state, x }) => {
 *     const y = tf.add(tf.mul(state, 0.5), x)
 *     return { y, state: y }
 *   }
 * })
 * const x = tf.tensor3d([[[4], [0], [2]]]), mode = { training: false, key: Key.make(0) }
 * Layers.scan(cell, { state: [1] }).apply({}, { cell: {} }, x, mode)[0].arraySync() // => [[[4], [2], [3]]]
 *
 * // A cell of layers, with parameters.
 * const elman = Layers.graph(
 *   { inputs: { x: "x", state: "state" }, outputs: { y: "tanh", state: "tanh" } },
 *   ["both", Layers.concatenate("0", "1"), ["x", "state"]],
 *   ["dense", Layers.dense(8)],
 *   ["tanh", Layers.tanh]
 * )
 * Layers.scan(elman, { state: [8], returns: "last" }).name.endsWith("state [8], last)") // => true
 * ```
 */
export const scan = /* @__PURE__ */ kind("scan", {
  options: {
    state: { type: shapesOfState },
    returns: { type: /* @__PURE__ */ oneOf("all", "last", "state"), default: "all" },
    reverse: { type: boolean, default: false },
    stateful: { type: statefulness, default: false }
  },
  children: "one",
  given: (cell: Any, options: ScanOptions<Tree.Tree>) => [options, [["", cell]]],
  make: (options, children) => scanned(children[0]![1], options)
}) as unknown as
  & {
    <P, S, C extends Tree.Tree, X extends ScanInput<C> = Tensor>(
      cell: Cell<P, S, C>,
      options: ScanOptions<NoInfer<C>> & { readonly returns: "last" }
    ): Layer<P, { readonly cell: S }, X, Tensor>
    <P, S, C extends Tree.Tree, X extends ScanInput<C> = Tensor>(
      cell: Cell<P, S, C>,
      options: ScanOptions<NoInfer<C>> & { readonly returns: "state" }
    ): Layer<P, { readonly cell: S }, X, Ended<X, C>>
    <P, S, C extends Tree.Tree, X extends ScanInput<C> = Tensor>(
      cell: Cell<P, S, C>,
      options: ScanOptions<NoInfer<C>> & { readonly returns?: "all" }
    ): Layer<P, { readonly cell: S }, X, Hidden<X>>
  }
  & Kind

type Cell<P, S, C extends Tree.Tree> = Layer<P, S, CellInput<C>, CellOutput<C>>

/** What a {@link scan} takes: a sequence, and the state that it starts from where that is not 0. */
export type ScanInput<C extends Tree.Tree> = Tensor | Masked | CellInput<C>

/** What a {@link scan} gives that returns the last state. */
export type Ended<X, C extends Tree.Tree> = X extends { readonly mask: Tensor }
  ? { readonly x: Tensor; readonly mask: Tensor; readonly state: C }
  : CellInput<C>

const SEQUENCE = "[time, ...]"

const scanned = (
  cell: Any,
  { returns, reverse, state: shapes, stateful }: {
    readonly state: Shapes
    readonly returns: Returns
    readonly reverse: boolean
    readonly stateful: boolean | number
  }
): Any => {
  if (stateful !== false && reverse) throw new RangeError("scan: one that goes against time carries no state")
  const stateOf = (batch: number): Tree.Tree =>
    Tree.map<Known, Tensor>(shapes, (shape) => constant([batch, ...shape], 0), isLeaf)
  const staying = `a cell that gives y, and a state of ${format(shapes)}`
  /** What it gives of all that there is. */
  const output = <A>(x: A, mask: A | undefined, last: () => A, state: Tree.Tree<A>) => {
    if (returns === "last") return last()
    if (mask === undefined) return returns === "all" ? x : { x, state }
    return returns === "all" ? { x, mask } : { x, mask, state }
  }
  return make<Tree.Tree, States, ScanInput<Tree.Tree>, Tree.Tree>({
    name: "scan",
    multiplyAdds: (_, input, __, ofStep) => {
      const time = Result.getOrThrow(shapeIn("scan", input as ShapeTree))[0]!
      return time === null || ofStep === null ? null : time * ofStep
    },
    init: (key, input) =>
      Result.gen(function*() {
        const [time, ...step] = yield* shapeIn("scan", input as ShapeTree), { mask, state } = input as Beside<Shape>
        if (time === undefined) return yield* mismatch("scan", SEQUENCE, [])
        if (state !== undefined && !agree(shapes, state)) {
          return yield* mismatch("scan", `a state of ${format(shapes)}`, format(state))
        }
        const initial = yield* cell.init(key, { x: step, state: shapes }), given = initial.output as Partial<CellShapes>
        if (!isShape(given.y) || !agree(shapes, given.state)) {
          return yield* mismatch("scan", staying, format(initial.output))
        }
        const { y } = given
        return {
          params: initial.params,
          state: {
            cell: initial.state,
            ...(stateful === false ? {} : { carried: stateOf(stateful === true ? 0 : stateful) })
          },
          output: output<Shape>([time, ...y], mask, () => y, shapes)
        }
      }),
    apply: (params, begin, given, { fresh = false, key, training }) => {
      const { mask, x } = partsIn("scan", given), { state: start } = given as Beside<Tensor>
      const [batch, time] = x.shape as [number, number | undefined]
      if (x.rank < 2 || time === 0) fail("scan", "x [batch, time, ...] of at least one step", shapeOf(x))
      if (mask !== undefined && mask.rank !== 2) fail("scan", `a mask of [${batch}, ${time}], as its x`, shapeOf(mask))
      const fits = (state: Tree.Tree) =>
        agree(Tree.map(shapes, (shape) => [batch, ...shape], isLeaf), Tree.shapes(state))
      const carried = stateful === false || fresh ? undefined : carriedFor("scan", begin.carried, batch)
      let state: Tree.Tree = carried ?? start ?? stateOf(batch)
      if (!fits(state)) {
        fail("scan", `a state of ${format(shapes)} for each of ${batch} examples`, found(state))
      }
      const steps = unstack(x, 1), counts = mask && unstack(greater(mask, 0), 1)
      const ys: Array<Tensor> = []
      let inner = begin.cell, last: Tensor | undefined
      for (let i = 0; i < steps.length; i++) {
        const place = reverse ? steps.length - 1 - i : i
        const mode = { training, key: fold(key, i), fresh: fresh && i === 0 }
        const [given, next] = cell.apply(params, inner, { x: steps[place]!, state }, mode)
        if (i === 0 && !(isTensor(given?.y) && fits(given.state))) fail("scan", staying, found(given))
        const { y, state: after } = given as CellOutput<Tree.Tree>, counted = counts?.[place]
        state = counted === undefined ? after : Tree.zipWith(after, state, (a, b) => chosen(counted, a, b))
        last = counted === undefined ? y : chosen(counted, y, last ?? zerosLike(y))
        ys[place] = last
        inner = next as Tree.Tree
      }
      const isKept = stateful === false && inner === begin.cell
      const after = isKept ? begin : { ...begin, cell: inner, ...(stateful === false ? {} : { carried: state }) }
      return [output(returns === "last" ? last! : stack(ys, 1), mask, () => last!, state), after]
    }
  })
}

/** A value of a batch where a step counts, else the one before it. */
const chosen = (counts: Tensor, now: Tensor, before: Tensor): Tensor =>
  where(reshape(counts, [-1, ...now.shape.slice(1).map(() => 1)]), now, before)

/** Whether two trees of shapes agree. */
const agree = (expected: Shapes, given: unknown): boolean =>
  isShape(expected)
    ? isShape(given) && unify(expected, given) !== undefined
    : isBranch(given) && !isShape(given) &&
      Object.keys(given).length === Object.keys(expected).length &&
      Object.entries(expected).every(([key, shape]) =>
        agree(shape, (given as { readonly [key: string]: unknown })[key])
      )
