import {
  add,
  greater,
  matMul,
  mul,
  relu,
  reshape,
  sigmoid,
  slice,
  split,
  stack,
  sub,
  tanh,
  where,
  zeros
} from "@tensorflow/tfjs-core"
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core"
import { partsOf } from "../backend/kernels/recurrence.ts"
import type { Cell, Recurrence } from "../backend/kernels/recurrence.ts"

// A recurrence step by step, of operations that can be differentiated: for other backends than WebAssembly, and for
// gradients of gradients.

/** What the kernel gives: the hidden states, the last ones, the last cells, and what the gradient needs. */
export type Outputs = [hidden: Tensor, end: Tensor, last: Tensor, kept: Tensor]

/** What the kernel takes; what is not there is empty. */
export type Inputs = {
  readonly x: Tensor
  readonly kernel: Tensor
  readonly recurrentKernel: Tensor
  readonly bias: Tensor
  /** Of the candidate of a GRU, before it is reset. */
  readonly innerBias: Tensor
  readonly hidden: Tensor
  readonly cells: Tensor
  readonly mask: Tensor
}

export interface Before {
  readonly h: Tensor
  readonly c: Tensor | undefined
}

/** One step, of operations that can be differentiated: the next states, and what the gradient needs. */
interface Step {
  readonly h: Tensor
  readonly c?: Tensor
  readonly kept: ReadonlyArray<Tensor>
}

const steps: { readonly [C in Cell]: (x: Tensor, z: Tensor, h: Tensor, c?: Tensor, bias?: Tensor) => Step } = {
  tanh: (x, z) => ({ h: tanh(add(x, z)), kept: [] }),
  relu: (x, z) => ({ h: relu(add(x, z)), kept: [] }),
  lstm: (x, z, _, c) => {
    const [a, b, d, e] = split(add(x, z), 4, 1) as [Tensor, Tensor, Tensor, Tensor]
    const i = sigmoid(a), f = sigmoid(b), g = tanh(d), o = sigmoid(e), next = add(mul(f, c!), mul(i, g))
    return { h: mul(o, tanh(next)), c: next, kept: [i, f, g, o, next] }
  },
  gru: (x, z, h, _, bias) => {
    const [xr, xu, xn] = split(x, 3, 1) as [Tensor, Tensor, Tensor]
    const [zr, zu, zn] = split(z, 3, 1) as [Tensor, Tensor, Tensor]
    const reset = sigmoid(add(xr, zr)), update = sigmoid(add(xu, zu)), inner = add(zn, bias!)
    const candidate = tanh(add(xn, mul(reset, inner)))
    return { h: add(candidate, mul(update, sub(h, candidate))), kept: [reset, update, candidate, inner] }
  }
}

export const sizeOf = ({ hidden, x }: Inputs) => ({ batch: x.shape[0]!, time: x.shape[1]!, units: hidden.shape[1]! })

/** What a tensor of `[batch, time, …]` has at a step. */
export const atStep = (x: Tensor, i: number): Tensor => {
  const [batch, , ...rest] = x.shape as [number, number, ...Array<number>]
  return reshape(slice(x, [0, i, ...rest.map(() => 0)], [batch, 1, ...rest]), [batch, ...rest])
}

const places = (time: number, reverse: boolean): ReadonlyArray<number> =>
  Array.from({ length: time }, (_, i) => reverse ? time - 1 - i : i)

/** What x gives for all steps and gates. */
const ofInput = ({ bias, kernel, x }: Inputs): Tensor => {
  const [batch, time, features] = x.shape as [number, number, number]
  const rows = reshape(x, [batch * time, features]) as Tensor2D
  return reshape(add(matMul(rows, kernel as Tensor2D), bias), [batch, time, bias.size])
}

/** All steps, in the order in which they are taken. */
export const unrolled = (inputs: Inputs, { cell, reverse }: Pick<Recurrence, "cell" | "reverse">) => {
  const { innerBias, mask, recurrentKernel } = inputs, { time } = sizeOf(inputs), given = ofInput(inputs)
  let h = inputs.hidden, c = cell === "lstm" ? inputs.cells : undefined
  return places(time, reverse).map((place) => {
    const before = { h, c }
    const { kept, ...next } = steps[cell](
      atStep(given, place),
      matMul(h as Tensor2D, recurrentKernel as Tensor2D),
      ...[h, c, innerBias] as const
    )
    const counts = mask.size === 0 ? undefined : reshape(greater(atStep(mask, place), 0), [-1, 1])
    const chosen = (a: Tensor, b: Tensor) => counts === undefined ? a : where(counts, a, b)
    h = chosen(next.h, h)
    if (c !== undefined) c = chosen(next.c!, c)
    return { place, before, counts, h, c, kept }
  })
}

export const inOrder = <A extends { readonly place: number }>(
  steps: ReadonlyArray<A>,
  of: (step: A) => Tensor
): Tensor => stack(steps.toSorted((a, b) => a.place - b.place).map(of), 1)

/** All of it, as the kernel gives it. */
export const composition = (inputs: Inputs, attrs: Recurrence): Outputs => {
  const { batch, time, units } = sizeOf(inputs), all = unrolled(inputs, attrs), { kept } = partsOf[attrs.cell]
  return [
    inOrder(all, ({ h }) => h),
    all.at(-1)!.h,
    attrs.cell === "lstm" ? all.at(-1)!.c! : zeros([batch, 0]),
    kept === 0 || !attrs.keeps ? zeros([batch, time, 0]) : inOrder(all, ({ c, counts, kept }) => {
      // Cells where a step does not count are those before it.
      const parts = counts === undefined || c === undefined ? [...kept] : [...kept.slice(0, -1), c]
      return reshape(stack(parts, 1), [batch, kept.length * units])
    })
  ]
}
