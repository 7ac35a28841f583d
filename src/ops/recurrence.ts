import { add, clone, concat, engine, matMul, reshape, slice, sum, zeros, zerosLike } from "@tensorflow/tfjs-core"
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core"
import type { WithUnread } from "../autodiff/differentiate.ts"
import { asFloat, fail, shapeOf } from "../backend/checks.ts"
import { partsOf, recurrenceGradientWasm, recurrenceWasm } from "../backend/kernels/recurrence.ts"
import type { Cell, Recurrence } from "../backend/kernels/recurrence.ts"
import { run } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import { equals, format } from "../core/Shape.ts"
import type { Known } from "../core/Shape.ts"
import { composedGradients } from "./recurrenceGradients.ts"
import type { Gradients, OfOutputs } from "./recurrenceGradients.ts"
import { composition } from "./recurrenceSteps.ts"
import type { Inputs, Outputs } from "./recurrenceSteps.ts"

/** How many gates a cell has: of so many parts, each of as many numbers as there are units, x and the kernel consist. */
export const gatesOf = (cell: Cell): number => partsOf[cell].gates

/** The states of a recurrent layer, of `[batch, units]`; only an LSTM has cells. */
export type RecurrentState = { readonly hidden: Tensor; readonly cells?: Tensor }

/** What {@link recurrence} takes: its parameters are those of a recurrent layer. */
export interface RecurrenceOptions {
  readonly cell: Cell
  /** `[batch, time, features]` */
  readonly x: Tensor
  /** `[features, gates * units]` */
  readonly kernel: Tensor
  /** `[units, gates * units]` */
  readonly recurrentKernel: Tensor
  /** Added to what the kernel gives, `[gates * units]`; by default zeros. */
  readonly bias?: Tensor
  /** Added to what the recurrent kernel gives, before it is reset, `[gates * units]`; by default zeros. */
  readonly recurrentBias?: Tensor
  /** By default zeros. */
  readonly state?: RecurrentState
  /** `[batch, time]`: where it is 0 a step leaves the state as it is. */
  readonly mask?: Tensor
  /** Against time. By default false. */
  readonly reverse?: boolean
}

/**
 * The hidden states of a recurrent layer, `[batch, time, units]`, and its last state, step by step. With z = x kernel +
 * bias + h recurrentKernel + recurrentBias: `tanh` and `relu` are h = f(z) (Elman, "Finding structure in time", 1990).
 * `lstm` has the input, forget, candidate and output gates i, f, g, o in this order, c = f c + i g and h = o tanh(c)
 * (Hochreiter, Schmidhuber, "Long short-term memory", 1997; Gers, Schmidhuber, Cummins, 1999). `gru` has reset, update
 * and candidate, n = tanh(x kernel + bias + r (h recurrentKernel + recurrentBias)), h = (1 - z) n + z h (Cho et al.,
 * 2014, as in cuDNN and PyTorch). On WebAssembly, gradients that fade from step to step are 0 below 1e-30. Throws for
 * other shapes.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * // A sum of what is positive.
 * const x = tf.tensor3d([[[1], [2], [4]]]), kernel = tf.ones([1, 1])
 * const { hidden, state } = Ops.recurrence({ cell: "relu", x, kernel, recurrentKernel: kernel })
 * hidden.arraySync() // => [[[1], [3], [7]]]
 * state.hidden.arraySync() // => [[7]]
 * ```
 */
export const recurrence = (
  options: RecurrenceOptions
): { readonly hidden: Tensor; readonly state: RecurrentState } => {
  const { cell, kernel, mask, recurrentKernel, reverse = false, state, x } = options, gates = gatesOf(cell)
  const units = recurrentKernel.shape[0]!, [batch, time, features] = x.shape as [number, number, number]
  const what = `recurrence (${cell})`
  const expect = (tensor: Tensor, shape: Known, name: string, expected = `${name} of ${format(shape)}`) => {
    if (!equals(tensor.shape, shape)) fail(what, expected, shapeOf(tensor))
    return asFloat(what, name, tensor)
  }
  if (x.rank !== 3 || time === 0) fail(what, "x [batch, time, features] of at least one step", shapeOf(x))
  const byGates = gates === 1 ? "units]" : `${gates} units]`
  const recurrent = expect(
    recurrentKernel,
    [units, gates * units],
    "recurrentKernel",
    `recurrentKernel [units, ${byGates}`
  )
  const weights = expect(kernel, [features, gates * units], "kernel")
  const biasOf = (name: "bias" | "recurrentBias") => {
    const bias = options[name]
    return bias === undefined ? undefined : expect(bias, [gates * units], name)
  }
  // A GRU resets what the recurrent kernel gives for its candidate, and that bias with it.
  const bias = biasOf("bias"), recurrentBias = biasOf("recurrentBias"), none = zeros([0]), isGru = cell === "gru"
  const inside = recurrentBias !== undefined && isGru ? slice(recurrentBias, 2 * units, units) : undefined
  const outside = inside === undefined
    ? recurrentBias
    : concat([slice(recurrentBias!, 0, 2 * units), zeros([units])])
  const given = { hidden: state?.hidden ?? zeros([batch, units]), cells: state?.cells ?? zeros([batch, units]) }
  const [hidden, end, last] = run<Outputs>(recurrences, "Recurrence", {
    x: asFloat(what, "x", x),
    kernel: weights,
    recurrentKernel: recurrent,
    bias: bias === undefined || outside === undefined ? bias ?? outside ?? zeros([gates * units]) : add(bias, outside),
    innerBias: isGru ? inside ?? zeros([units]) : none,
    hidden: expect(given.hidden, [batch, units], "hidden", `a state of [${batch}, ${units}]`),
    cells: cell === "lstm" ? expect(given.cells, [batch, units], "cells", `a state of [${batch}, ${units}]`) : none,
    mask: mask === undefined ? none : expect(mask, [batch, time], "mask", `a mask [${batch}, ${time}]`)
  }, { cell, reverse, keeps: engine().state.gradientDepth > 0 })
  return { hidden, state: { hidden: end, ...(cell === "lstm" ? { cells: last } : {}) } }
}

const saved = ["x", "kernel", "recurrentKernel", "bias", "innerBias", "hidden", "cells", "mask"] as const

const gradient: WithUnread = {
  kernelName: "Recurrence",
  inputsToSave: [...saved],
  outputsToSave: [true, false, false, true],
  unread: [0, 3],
  gradFunc: (dys, tensors, attrs) => {
    const inputs = Object.fromEntries(saved.map((name, i) => [name, (tensors as ReadonlyArray<Tensor>)[i]!])) as Inputs
    const [out, kept] = (tensors as ReadonlyArray<Tensor>).slice(saved.length) as [Tensor, Tensor]
    const { bias, hidden, innerBias, kernel, mask, recurrentKernel, x } = inputs
    const { cell, reverse } = attrs as unknown as Recurrence, [dout, dend, dlast] = dys as [Tensor, Tensor, Tensor]
    // The kernel has no gradient of its own: on a tape, for a gradient of this gradient, it is composed.
    const isOnTape = engine().state.gradientDepth > 0
    const [[dx, dz, dhidden, dcells], before] = isOnTape
      ? composedGradients(inputs, { dout, dend, dlast }, { cell, reverse })
      : [
        run<Gradients>(recurrences, GRADIENT, { ...inputs, out, kept, dout, dend, dlast }, { cell, reverse }),
        shifted(hidden, out, reverse)
      ] as const
    const rows = x.shape[0]! * x.shape[1]!, width = bias.size, units = innerBias.size
    const inRows = (y: Tensor, columns: number) => reshape(y, [rows, columns]) as Tensor2D
    const byGates = inRows(dx, width), byState = cell === "gru" ? inRows(dz, width) : byGates
    return {
      x: () => reshape(matMul(byGates, kernel as Tensor2D, false, true), x.shape),
      kernel: () => matMul(inRows(x, x.shape[2]!), byGates, true),
      recurrentKernel: () => matMul(inRows(before, recurrentKernel.shape[0]!), byState, true),
      bias: () => sum(byGates, 0),
      innerBias: () => cell === "gru" ? sum(slice(byState, [0, 2 * units], [-1, units]), 0) : clone(innerBias),
      hidden: () => dhidden,
      cells: () => dcells,
      mask: () => zerosLike(mask)
    }
  }
}

const GRADIENT = "RecurrenceGradient"

/** The hidden states before each step, of the first and of those after. */
const shifted = (first: Tensor, out: Tensor, reverse: boolean): Tensor => {
  const [batch, time, units] = out.shape as [number, number, number]
  const given = reshape(first, [batch, 1, units]), rest = slice(out, [0, reverse ? 1 : 0, 0], [batch, time - 1, units])
  return time === 1 ? given : concat(reverse ? [rest, given] : [given, rest], 1)
}

/** What {@link recurrence} is made of; it installs itself. */
export const recurrences: KernelSet = {
  gradients: [gradient],
  kernels: [recurrenceWasm, recurrenceGradientWasm],
  compositions: {
    Recurrence: composition,
    [GRADIENT]: (
      { dend, dlast, dout, ...inputs }: Inputs & OfOutputs,
      attrs: Recurrence
    ): Gradients => composedGradients(inputs, { dend, dlast, dout }, attrs)[0]
  }
}
