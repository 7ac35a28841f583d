import { add, concat, matMul, mul, step, sub, tanh, where, zeros } from "@tensorflow/tfjs-core"
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core"
import type { Cell, Recurrence } from "../backend/kernels/recurrence.ts"
import { atStep, inOrder, sizeOf, unrolled } from "./recurrenceSteps.ts"
import type { Before, Inputs } from "./recurrenceSteps.ts"

/** The gradients by what x gives, by what the recurrent kernel gives where that is another one, and by the states. */
export type Gradients = [dx: Tensor, dz: Tensor, dhidden: Tensor, dcells: Tensor]

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

/** The gradients by what the kernel gives; none by the hidden states where it is empty. */
export type OfOutputs = { readonly dout: Tensor; readonly dend: Tensor; readonly dlast: Tensor }

/** The gradients of all steps, of operations that can be differentiated again, and the hidden states before each. */
export const composedGradients = (
  inputs: Inputs,
  { dend, dlast, dout }: OfOutputs,
  attrs: Pick<Recurrence, "cell" | "reverse">
): readonly [Gradients, before: Tensor] => {
  const { bias, recurrentKernel } = inputs, { batch } = sizeOf(inputs), isGru = attrs.cell === "gru"
  let dh = dend, dc = attrs.cell === "lstm" ? dlast : undefined
  const taken = unrolled(inputs, attrs)
  const all = taken.toReversed().map((taken) => {
    const ofHidden = dout.size === 0 ? dh : add(dh, atStep(dout, taken.place))
    const { dc: nextCells, dx, dz, past } = stepGradients[attrs.cell](taken, ofHidden, dc)
    const chosen = (a: Tensor, b: Tensor | undefined) =>
      taken.counts === undefined ? a : where(taken.counts, a, b ?? mul(a, 0))
    const through = matMul(dz as Tensor2D, recurrentKernel as Tensor2D, false, true)
    dh = chosen(past === undefined ? through : add(through, past), ofHidden)
    if (dc !== undefined) dc = chosen(nextCells!, dc)
    return { place: taken.place, dx: chosen(dx, undefined), dz: chosen(dz, undefined) }
  })
  const gradients: Gradients = [
    inOrder(all, ({ dx }) => dx),
    isGru ? inOrder(all, ({ dz }) => dz) : zeros([batch, 0, bias.size]),
    dh,
    dc ?? zeros([batch, 0])
  ]
  return [gradients, inOrder(taken, ({ before }) => before.h)]
}
