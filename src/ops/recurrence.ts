import {
  add,
  clone,
  concat,
  engine,
  greater,
  matMul,
  mul,
  relu,
  reshape,
  sigmoid,
  slice,
  split,
  stack,
  step,
  sub,
  sum,
  tanh,
  where,
  zeros,
  zerosLike
} from "@tensorflow/tfjs-core"
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core"
import type { WithUnread } from "../autodiff/differentiate.ts"
import { asFloat, fail, shapeOf } from "../backend/checks.ts"
import { partsOf, recurrenceGradientWasm, recurrenceWasm } from "../backend/kernels/recurrence.ts"
import type { Cell, Recurrence } from "../backend/kernels/recurrence.ts"
import { run } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"

/** The states of a recurrent layer, of `[batch, units]`; only an LSTM has cells. */
export interface RecurrentState {
  readonly hidden: Tensor
  readonly cells?: Tensor
}

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
  const { cell, kernel, mask, reverse = false, state, x } = options, { gates } = partsOf[cell]
  const units = kernel.shape[0]!, [batch, time] = x.shape as [number, number], what = `recurrence (${cell})`
  if (kernel.rank !== 2 || kernel.shape[1] !== gates * units) {
    fail(what, gates === 1 ? "a kernel [units, units]" : `a kernel [units, ${gates} units]`, shapeOf(kernel))
  }
  if (x.rank !== 3 || x.shape[2] !== gates * units || time === 0) {
    fail(what, `x [batch, time, ${gates * units}]`, shapeOf(x))
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

type Outputs = [hidden: Tensor, last: Tensor, kept: Tensor]

/** What the kernel takes; what is not there is empty. */
interface Inputs {
  readonly x: Tensor
  readonly kernel: Tensor
  readonly hidden: Tensor
  readonly cells: Tensor
  readonly bias: Tensor
  readonly mask: Tensor
}

interface Before {
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

const sizeOf = ({ hidden, x }: Inputs) => ({ batch: x.shape[0]!, time: x.shape[1]!, units: hidden.shape[1]! })

/** What a tensor of `[batch, time, …]` has at a step. */
const atStep = (x: Tensor, i: number): Tensor => {
  const [batch, , ...rest] = x.shape as [number, number, ...Array<number>]
  return reshape(slice(x, [0, i, ...rest.map(() => 0)], [batch, 1, ...rest]), [batch, ...rest])
}

const places = (time: number, reverse: boolean): ReadonlyArray<number> =>
  Array.from({ length: time }, (_, i) => reverse ? time - 1 - i : i)

/** All steps, in the order in which they are taken. */
const unrolled = (inputs: Inputs, { cell, reverse }: Recurrence) => {
  const { bias, kernel, mask, x } = inputs, { time } = sizeOf(inputs)
  let h = inputs.hidden, c = cell === "lstm" ? inputs.cells : undefined
  return places(time, reverse).map((place) => {
    const before = { h, c }
    const { kept, ...next } = steps[cell](atStep(x, place), matMul(h as Tensor2D, kernel as Tensor2D), h, c, bias)
    const counts = mask.size === 0 ? undefined : reshape(greater(atStep(mask, place), 0), [-1, 1])
    const chosen = (a: Tensor, b: Tensor) => counts === undefined ? a : where(counts, a, b)
    h = chosen(next.h, h)
    if (c !== undefined) c = chosen(next.c!, c)
    return { place, before, counts, h, c, kept }
  })
}

const inOrder = <A extends { readonly place: number }>(steps: ReadonlyArray<A>, of: (step: A) => Tensor): Tensor =>
  stack(steps.toSorted((a, b) => a.place - b.place).map(of), 1)

const composition = (inputs: Inputs, attrs: Recurrence): Outputs => {
  const { batch, time, units } = sizeOf(inputs), all = unrolled(inputs, attrs), { kept } = partsOf[attrs.cell]
  return [
    inOrder(all, ({ h }) => h),
    attrs.cell === "lstm" ? all.at(-1)!.c! : zeros([batch, 0]),
    kept === 0 ? zeros([batch, time, 0]) : inOrder(all, ({ c, counts, kept }) => {
      // Cells where a step does not count are those before it.
      const parts = counts === undefined || c === undefined ? [...kept] : [...kept.slice(0, -1), c]
      return reshape(stack(parts, 1), [batch, kept.length * units])
    })
  ]
}

interface Incoming {
  readonly dout: Tensor
  readonly dlast: Tensor
}

type Gradients = [dx: Tensor, dz: Tensor, dhidden: Tensor, dcells: Tensor]

const dSigmoid = (y: Tensor): Tensor => mul(y, sub(1, y))
const dTanh = (y: Tensor): Tensor => sub(1, mul(y, y))

/** The gradient of a step by what x gives, by what the kernel gives, by the cells before, and past both. */
const stepGradients: {
  readonly [C in Cell]: (
    at: { readonly h: Tensor; readonly kept: ReadonlyArray<Tensor>; readonly before: Before },
    dh: Tensor,
    dc: Tensor | undefined
  ) => { readonly dx: Tensor; readonly dz: Tensor; readonly dc?: Tensor; readonly past?: Tensor }
} = {
  tanh: ({ h }, dh) => {
    const dx = mul(dh, dTanh(h))
    return { dx, dz: dx }
  },
  relu: ({ h }, dh) => {
    const dx = mul(dh, step(h))
    return { dx, dz: dx }
  },
  lstm: ({ before, kept }, dh, dc) => {
    const [i, f, g, o, c] = kept as [Tensor, Tensor, Tensor, Tensor, Tensor], bent = tanh(c)
    const ofCell = add(dc!, mul(mul(dh, o), dTanh(bent)))
    const dx = concat([
      mul(mul(ofCell, g), dSigmoid(i)),
      mul(mul(ofCell, before.c!), dSigmoid(f)),
      mul(mul(ofCell, i), dTanh(g)),
      mul(mul(dh, bent), dSigmoid(o))
    ], 1)
    return { dx, dz: dx, dc: mul(ofCell, f) }
  },
  gru: ({ before, kept }, dh) => {
    const [reset, update, candidate, inner] = kept as [Tensor, Tensor, Tensor, Tensor]
    const ofCandidate = mul(mul(dh, sub(1, update)), dTanh(candidate))
    const ofReset = mul(mul(ofCandidate, inner), dSigmoid(reset))
    const ofUpdate = mul(mul(dh, sub(before.h, candidate)), dSigmoid(update))
    return {
      dx: concat([ofReset, ofUpdate, ofCandidate], 1),
      dz: concat([ofReset, ofUpdate, mul(ofCandidate, reset)], 1),
      past: mul(dh, update)
    }
  }
}

/** The gradients of all steps, of operations that can be differentiated again. */
const composedGradients = (inputs: Inputs, dout: Tensor, dlast: Tensor, attrs: Recurrence): Gradients => {
  const { kernel, x } = inputs, { batch, units } = sizeOf(inputs), isGru = attrs.cell === "gru"
  let dh: Tensor = zeros([batch, units]), dc = attrs.cell === "lstm" ? dlast : undefined
  const all = unrolled(inputs, attrs).toReversed().map((taken) => {
    const ofHidden = add(dh, atStep(dout, taken.place))
    const { dc: nextCells, dx, dz, past } = stepGradients[attrs.cell](taken, ofHidden, dc)
    const chosen = (a: Tensor, b: Tensor | undefined) =>
      taken.counts === undefined ? a : where(taken.counts, a, b ?? mul(a, 0))
    const through = matMul(dz as Tensor2D, kernel as Tensor2D, false, true)
    dh = chosen(past === undefined ? through : add(through, past), ofHidden)
    if (dc !== undefined) dc = chosen(nextCells!, dc)
    return { place: taken.place, dx: chosen(dx, undefined), dz: chosen(dz, undefined) }
  })
  return [
    inOrder(all, ({ dx }) => dx),
    isGru ? inOrder(all, ({ dz }) => dz) : zeros([batch, 0, x.shape[2]!]),
    dh,
    dc ?? zeros([batch, 0])
  ]
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
    const before = isOnTape ? statesBefore(inputs, { cell, reverse }) : shifted(hidden, out, reverse)
    const [dx, dz, dhidden, dcells] = isOnTape
      ? composedGradients(inputs, dout, dlast, { cell, reverse })
      : run<Gradients>(recurrences, GRADIENT, { ...inputs, out, kept, dout, dlast }, { cell, reverse })
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

const statesBefore = (inputs: Inputs, attrs: Recurrence): Tensor =>
  inOrder(unrolled(inputs, attrs), ({ before }) => before.h)

/** What {@link recurrence} is made of; it installs itself. */
export const recurrences: KernelSet = {
  gradients: [gradient],
  kernels: [recurrenceWasm, recurrenceGradientWasm],
  compositions: {
    Recurrence: composition,
    [GRADIENT]: ({ dlast, dout, ...inputs }: Inputs & Incoming, attrs: Recurrence): Gradients =>
      composedGradients(inputs, dout, dlast, attrs)
  }
}
