import { clone, concat, engine, matMul, reshape, slice, sum, zeros, zerosLike } from "@tensorflow/tfjs-core"
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core"
import type { WithUnread } from "../autodiff/differentiate.ts"
import { asFloat, fail, shapeOf } from "../backend/checks.ts"
import { partsOf, recurrenceGradientWasm, recurrenceWasm } from "../backend/kernels/recurrence.ts"
import type { Cell, Recurrence } from "../backend/kernels/recurrence.ts"
import { run } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import { composedGradients } from "./recurrenceGradients.ts"
import type { Gradients } from "./recurrenceGradients.ts"
import { composition } from "./recurrenceSteps.ts"
import type { Inputs, Outputs } from "./recurrenceSteps.ts"

/** How many gates a cell has: of so many parts, each of as many numbers as there are units, x and the kernel consist. */
export const gatesOf = (cell: Cell): number => partsOf[cell].gates

/** The states of a recurrent layer, of `[batch, units]`; only an LSTM has cells. */
export type RecurrentState = { readonly hidden: Tensor; readonly cells?: Tensor }

/** What {@link recurrence} takes. */
export interface RecurrenceOptions {
  readonly cell: Cell
  /** What x gives for each step and gate, `[batch, time, gates * units]`. */
  readonly x: Tensor
  /** The recurrent kernel, `[units, gates * units]`. */
  readonly kernel: Tensor
  /** What is added to what the kernel gives for the candidate of a GRU, `[units]`, before it is reset. */
  readonly bias?: Tensor
  /** By default zeros. */
  readonly state?: RecurrentState
  /** `[batch, time]`: where it is 0 a step leaves the state as it is. */
  readonly mask?: Tensor
  /** Against time. By default false. */
  readonly reverse?: boolean
}

/**
 * The hidden states of a recurrent layer, `[batch, time, units]`, and its last state, step by step from what x gives.
 * With z = x + h kernel: `tanh` and `relu` are h = f(z) (Elman, "Finding structure in time", 1990). `lstm` has the
 * input, forget, candidate and output gates i, f, g, o in this order, c = f c + i g and h = o tanh(c) (Hochreiter,
 * Schmidhuber, "Long short-term memory", 1997; Gers, Schmidhuber, Cummins, 1999). `gru` has reset, update and candidate,
 * n = tanh(x + r (h kernel + bias)), h = (1 - z) n + z h (Cho et al., 2014, as in cuDNN and PyTorch). Throws for other
 * shapes.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * // A sum of what is positive.
 * const { hidden, state } = Ops.recurrence({ cell: "relu", x: tf.tensor3d([[[1], [2], [4]]]), kernel: tf.ones([1, 1]) })
 * hidden.arraySync() // => [[[1], [3], [7]]]
 * state.hidden.arraySync() // => [[7]]
 * ```
 */
export const recurrence = (
  options: RecurrenceOptions
): { readonly hidden: Tensor; readonly state: RecurrentState } => {
  const { cell, kernel, mask, reverse = false, state, x } = options, gates = gatesOf(cell)
  const units = kernel.shape[0]!, [batch, time] = x.shape as [number, number], what = `recurrence (${cell})`
  if (kernel.rank !== 2 || kernel.shape[1] !== gates * units) {
    fail(what, gates === 1 ? "a kernel [units, units]" : `a kernel [units, ${gates} units]`, shapeOf(kernel))
  }
  if (x.rank !== 3 || x.shape[2] !== gates * units || time === 0) {
    fail(what, `x [batch, time, ${gates * units}] of at least one step`, shapeOf(x))
  }
  const given = { hidden: state?.hidden ?? zeros([batch, units]), cells: state?.cells ?? zeros([batch, units]) }
  for (const [name, tensor] of Object.entries(given)) {
    if (tensor.rank !== 2 || tensor.shape[0] !== batch || tensor.shape[1] !== units) {
      fail(what, `a state of [${batch}, ${units}]`, `${name} of ${shapeOf(tensor)}`)
    }
  }
  if (mask !== undefined && (mask.rank !== 2 || mask.shape[0] !== batch || mask.shape[1] !== time)) {
    fail(what, `a mask [${batch}, ${time}]`, shapeOf(mask))
  }
  const bias = cell === "gru" ? options.bias ?? zeros([units]) : undefined
  if (bias !== undefined && (bias.rank !== 1 || bias.shape[0] !== units)) fail(what, `a bias [${units}]`, shapeOf(bias))
  const none = zeros([0])
  const [hidden, last] = run<Outputs>(recurrences, "Recurrence", {
    x: asFloat(what, "x", x),
    kernel: asFloat(what, "a kernel", kernel),
    hidden: asFloat(what, "a state", given.hidden),
    cells: cell === "lstm" ? asFloat(what, "cells", given.cells) : none,
    bias: bias === undefined ? none : asFloat(what, "a bias", bias),
    mask: mask === undefined ? none : asFloat(what, "a mask", mask)
  }, { cell, reverse })
  const ends = slice(hidden, [0, reverse ? 0 : time - 1, 0], [batch, 1, units])
  return {
    hidden,
    state: { hidden: reshape(ends, [batch, units]), ...(cell === "lstm" ? { cells: last } : {}) }
  }
}

const saved = ["x", "kernel", "hidden", "cells", "bias", "mask"] as const

const gradient: WithUnread = {
  kernelName: "Recurrence",
  inputsToSave: [...saved],
  outputsToSave: [true, false, true],
  unread: [2],
  gradFunc: (dys, tensors, attrs) => {
    const [x, kernel, hidden, cells, bias, mask, out, kept] = tensors as [Tensor, ...Array<Tensor>] as Saved
    const [dout, dlast] = dys as [Tensor, Tensor], { cell, reverse } = attrs as unknown as Recurrence
    const inputs = { x, kernel, hidden, cells, bias, mask }, isGru = cell === "gru"
    // The kernel has no gradient of its own: on a tape, for a gradient of this gradient, it is composed.
    const isOnTape = engine().state.gradientDepth > 0
    const [[dx, dz, dhidden, dcells], before] = isOnTape
      ? composedGradients(inputs, dout, dlast, { cell, reverse })
      : [
        run<Gradients>(recurrences, GRADIENT, { ...inputs, out, kept, dout, dlast }, { cell, reverse }),
        shifted(hidden, out, reverse)
      ] as const
    const byKernel = isGru ? dz : dx, rows = x.shape[0]! * x.shape[1]!
    return {
      x: () => dx,
      kernel: () =>
        matMul(
          reshape(before, [rows, kernel.shape[0]!]) as Tensor2D,
          reshape(byKernel, [rows, kernel.shape[1]!]) as Tensor2D,
          true
        ),
      hidden: () => dhidden,
      cells: () => dcells,
      bias: () => isGru ? sum(slice(dz, [0, 0, 2 * bias.size], [-1, -1, bias.size]), [0, 1]) : clone(bias),
      mask: () => zerosLike(mask)
    }
  }
}

type Saved = [Tensor, Tensor, Tensor, Tensor, Tensor, Tensor, out: Tensor, kept: Tensor]

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
      { dlast, dout, ...inputs }: Inputs & { readonly dout: Tensor; readonly dlast: Tensor },
      attrs: Recurrence
    ): Gradients => composedGradients(inputs, dout, dlast, attrs)[0]
  }
}
