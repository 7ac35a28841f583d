import { concat } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fail, found, shapeOf } from "../backend/checks.ts"
import { fold } from "../core/Key.ts"
import { equals, format, isShape, unify } from "../core/Shape.ts"
import type { Shape } from "../core/Shape.ts"
import { isTensor } from "../core/Tree.ts"
import type { Tree } from "../core/Tree.ts"
import type { Initializer } from "../initializers/kind.ts"
import { orthogonal } from "../initializers/orthogonal.ts"
import { gatesOf, recurrence } from "../ops/recurrence.ts"
import type { RecurrentState } from "../ops/recurrence.ts"
import { constant } from "./allowance.ts"
import { carriedFor } from "./carried.ts"
import type { Masked } from "./lambda.ts"
import { known, make, mismatch } from "./Layer.ts"
import type { Layer } from "./Layer.ts"
import { partsIn, shapeIn } from "./masked.ts"
import type { Sequence } from "./masked.ts"

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

/**
 * What a recurrent layer gives: the hidden states of all steps, that of the last one, or all of them as `x` beside what
 * another layer goes on from as `state`.
 */
export type Returns = "all" | "last" | "state"

/** A sequence with the state that a recurrent layer starts from, of `[units]`; cells that are not given are 0. */
export type Resumed = { readonly x: Tensor; readonly state: RecurrentState }

/** What recurrent layers take: a sequence `[time, features]`, and what they start from where it is not 0. */
export type RecurrentInput = Sequence | Resumed

/** A sequence as it is given on: its hidden states, and its mask if it has one. */
export type Hidden<X> = X extends { readonly mask: Tensor } ? Masked : Tensor

/** The hidden states of all steps, and the state after the last. */
export type WithState<X, S> = X extends { readonly mask: Tensor } ? Masked & { readonly state: S }
  : { readonly x: Tensor; readonly state: S }

/** What a recurrent layer is made of. */
export interface Recurring {
  readonly units: number
  readonly returns: Returns
  readonly reverse: boolean
  readonly stateful: boolean | number
  readonly kernelInitializer: Initializer
  readonly recurrentInitializer?: Initializer | undefined
  readonly biasInitializer?: Initializer | undefined
}

type Cell = Parameters<typeof recurrence>[0]["cell"]

const SEQUENCE = "[time, features]"

/** A state for each batch is there from the beginning: of two, one would have to be left out. */
const OWN_STATE = ["no state beside x, as it carries one itself", "one"] as const

/** What can stand beside a sequence; a tensor or a shape has none of it. */
type Beside<A> = { readonly mask?: A; readonly state?: { readonly hidden: A; readonly cells?: A } }

/** A recurrent layer of a cell. */
export const recurrentLayer = (
  name: string,
  cell: Cell,
  recurring: Recurring
): Layer<RecurrentParams, {}, RecurrentInput, Tree> => {
  const { biasInitializer, kernelInitializer, recurrentInitializer = orthogonal() } = recurring
  const { returns, reverse, stateful, units } = recurring, width = gatesOf(cell) * units
  const ofState = <A>(part: A): { readonly hidden: A; readonly cells?: A } =>
    cell === "lstm" ? { hidden: part, cells: part } : { hidden: part }
  if (stateful !== false && reverse) throw new RangeError(`${name}: one that goes against time carries no state`)
  /** What it gives of all that there is. */
  const output = <A>({ mask, x }: { readonly x: A; readonly mask?: A }, last: A, state: { readonly hidden: A }) => {
    if (returns === "last") return last
    if (mask === undefined) return returns === "all" ? x : { x, state }
    return returns === "all" ? { x, mask } : { x, mask, state }
  }
  return make<RecurrentParams, {}, RecurrentInput, Tree>({
    name,
    multiplyAdds: ({ kernel, recurrentKernel }, input) => {
      const time = Result.getOrThrow(shapeIn(name, input))[0]!
      return time === null ? null : time * (kernel.size + recurrentKernel.size)
    },
    init: (key, input) =>
      Result.gen(function*() {
        const x = yield* shapeIn(name, input), { mask, state } = input as Beside<Shape>
        if (x.length !== 2) return yield* mismatch(name, SEQUENCE, x)
        const [features] = yield* known(name, SEQUENCE, x, 1), [time] = x as readonly [number | null, number]
        const other = Object.values(state ?? {}).find((part) => !isShape(part) || unify(part, [units]) === undefined)
        if (other !== undefined) return yield* mismatch(name, `a state of [${units}]`, format(other))
        if (state !== undefined && typeof stateful === "number") return yield* mismatch(name, ...OWN_STATE)
        return {
          params: {
            kernel: kernelInitializer(fold(key, 0), [features, width]),
            recurrentKernel: recurrentInitializer(fold(key, 1), [units, width]),
            bias: biasInitializer?.(fold(key, 2), [width]) ?? biasOf(cell, units),
            recurrentBias: biasInitializer?.(fold(key, 3), [width]) ?? constant([width], 0)
          },
          state: stateful === false ? {} : ofState(constant([stateful === true ? 0 : stateful, units], 0)),
          output: output({ x: [time, units], ...(mask && { mask }) }, [units], ofState([units]))
        }
      }),
    apply: ({ bias, kernel, recurrentBias, recurrentKernel }, carried, given, { fresh = false }) => {
      const { mask, x } = partsIn(name, given), { state: start } = given as Beside<Tensor>
      if (x.rank !== 3 || x.shape[2] !== kernel.shape[0]) {
        fail(name, `x [batch, time, ${kernel.shape[0]}]`, shapeOf(x))
      }
      if (x.shape[1] === 0) fail(name, "x of at least one step", shapeOf(x))
      if (mask !== undefined && mask.rank !== 2) {
        fail(name, `a mask of ${format(x.shape.slice(0, 2))}, as its x`, shapeOf(mask))
      }
      if (start !== undefined && typeof stateful === "number") fail(name, ...OWN_STATE)
      const goesOn = stateful !== false && !fresh
      const from = (goesOn ? carriedFor(name, carried as RecurrentState, x.shape[0]!) : undefined) ?? start
      if (start !== undefined) checkState(name, start, [x.shape[0]!, units])
      const { hidden, state } = recurrence({
        ...{ cell, x, kernel, recurrentKernel, bias, recurrentBias, reverse },
        ...(mask && { mask }),
        ...(from && { state: from })
      })
      return [output({ x: hidden, ...(mask && { mask }) }, state.hidden, state), stateful === false ? carried : state]
    }
  })
}

/** Zeros, and ones for the forget gate, the second of an LSTM. */
const biasOf = (cell: Cell, units: number): Tensor =>
  cell === "lstm"
    ? concat([constant([units], 0), constant([units], 1), constant([2 * units], 0)])
    : constant([gatesOf(cell) * units], 0)

const checkState = (name: string, state: RecurrentState, shape: Shape): void => {
  const other = Object.values(state).find((part) => !isTensor(part) || !equals(part.shape, shape))
  if (other !== undefined) fail(name, `a state of ${format(shape)}`, found(other))
}
