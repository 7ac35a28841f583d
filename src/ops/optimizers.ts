import { add, addN, div, engine, maximum, mul, sqrt, square, sum } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { asFloat, fail, sameShape } from "../backend/checks.ts"
import { adamWasm, axpyWasm, clipByGlobalNormWasm, sumOfSquaresWasm } from "../backend/kernels/optimizers.ts"
import { run } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import { scoped } from "../backend/scope.ts"

// What optimizers do to all tensors of a tree at once, as lists of one length.

type Leaves = ReadonlyArray<Tensor>

const floats = (operation: string, tensors: Leaves): Leaves => tensors.map((x) => asFloat(operation, "tensors", x))

/**
 * What a step of Adam takes beside its tensors; `shrink` is the share of the parameters that is added to the update.
 */
export interface AdamScalars {
  readonly beta1: number
  readonly beta2: number
  readonly offset: number
  readonly size: number
  readonly shrink: number
}

/**
 * A step of Adam, with first ← beta1 · first + gradient, second ← beta2 · second + gradient² and the update size ·
 * first / (√second + offset) + shrink · parameter: the updates, or with `apply` the next parameters, and the next
 * moments.
 */
export const adamStep = (
  lists: readonly [gradients: Leaves, firsts: Leaves, seconds: Leaves, parameters: Leaves],
  scalars: AdamScalars,
  apply: boolean
): readonly [updates: Leaves, firsts: Leaves, seconds: Leaves] => {
  const [gradients, ...others] = lists, count = gradients.length
  for (const list of others) {
    if (list.length !== count) fail("adamStep", `lists of ${count} tensors`, `one of ${list.length}`)
    list.forEach((x, i) => sameShape("adamStep", ["gradients", "what belongs to them"], gradients[i]!, x))
  }
  if (count === 0) return [[], [], []]
  const all = step("AdamUpdate", floats("adamStep", lists.flat()), { ...scalars, apply })
  return [all.slice(0, count), all.slice(count, 2 * count), all.slice(2 * count)]
}

/** factor · x + y, for two lists of tensors of equal shapes. */
export const axpy = (factor: number, xs: Leaves, ys: Leaves): Leaves => {
  if (xs.length !== ys.length) fail("axpy", `as many of x as of y, ${ys.length}`, String(xs.length))
  xs.forEach((x, i) => sameShape("axpy", ["x", "y"], x, ys[i]!))
  return ys.length === 0 ? [] : step("Axpy", floats("axpy", [...xs, ...ys]), { factor })
}

/** The sum of the squares of all values, a scalar; it has a gradient. */
export const sumOfSquares = (tensors: Leaves): Tensor =>
  tensors.length === 0
    ? fail("sumOfSquares", "one tensor or more", "none")
    : run(set, "SumOfSquares", floats("sumOfSquares", tensors))

/** All values, times so much that the root of the sum of their squares is at most `max`. */
export const clipToNorm = (max: number, tensors: Leaves): Leaves =>
  tensors.length === 0 ? [] : step("ClipByGlobalNorm", floats("clipToNorm", tensors), { max })

// Of a gradient through an optimizer the parts are on the tape: these kernels have none of their own.
const step = (kernelName: "AdamUpdate" | "Axpy" | "ClipByGlobalNorm", tensors: Leaves, attrs: object): Leaves =>
  engine().state.gradientDepth > 0
    ? compositions[kernelName]({ ...tensors } as never, attrs as never)
    : run<Leaves>(set, kernelName, tensors, attrs)

const squares = (tensors: Leaves): Tensor => addN(tensors.map((x) => sum(square(x))))

const split = (inputs: { readonly [i: string]: Tensor }, count: number): ReadonlyArray<Leaves> => {
  const all = Object.values(inputs), length = all.length / count
  return Array.from({ length: count }, (_, i) => all.slice(i * length, (i + 1) * length))
}

const compositions = {
  AdamUpdate: (inputs: { readonly [i: string]: Tensor }, attrs: AdamScalars & { readonly apply: boolean }): Leaves => {
    const [gradients, firsts, seconds, parameters] = split(inputs, 4)
    const next = gradients!.map((gradient, i) =>
      // A scope for each leaf: what it needed is freed at once and the next leaf works in the same memory.
      scoped((): readonly [Tensor, Tensor, Tensor] => {
        const parameter = parameters![i]!, first = add(mul(firsts![i]!, attrs.beta1), gradient)
        const second = add(mul(seconds![i]!, attrs.beta2), square(gradient))
        const direction = mul(div(first, add(sqrt(second), attrs.offset)), attrs.size)
        const update = attrs.shrink === 0 ? direction : add(direction, mul(parameter, attrs.shrink))
        return [attrs.apply ? add(parameter, update) : update, first, second]
      })
    )
    return [0, 1, 2].flatMap((part) => next.map((tensors) => tensors[part]!))
  },
  Axpy: (inputs: { readonly [i: string]: Tensor }, { factor }: { readonly factor: number }): Leaves => {
    const [xs, ys] = split(inputs, 2)
    return xs!.map((x, i) => scoped(() => add(factor === 1 ? x : mul(x, factor), ys![i]!)))
  },
  SumOfSquares: (inputs: { readonly [i: string]: Tensor }): Tensor => squares(Object.values(inputs)),
  // The norm is never read back, so that a GPU is not held up.
  ClipByGlobalNorm: (inputs: { readonly [i: string]: Tensor }, { max }: { readonly max: number }): Leaves => {
    const tensors = Object.values(inputs), factor = div(max, maximum(sqrt(squares(tensors)), max))
    return tensors.map((x) => mul(x, factor))
  }
}

const set: KernelSet = {
  gradients: [{
    kernelName: "SumOfSquares",
    saveAllInputs: true,
    gradFunc: (dy, saved) => Object.fromEntries(saved.map((x, i) => [i, () => mul(mul(x, 2), dy as Tensor)]))
  }],
  kernels: [adamWasm, axpyWasm, clipByGlobalNormWasm, sumOfSquaresWasm],
  compositions
}
