import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { concatWasm } from "../backend/kernels/blocks.ts"
import type { KernelSet } from "../backend/registry.ts"

/**
 * The gradient by each of several inputs, which lie one behind the other along an axis of the incoming one: all at once
 * when the first is asked for. TensorFlow.js's own walk over the tape disposes those of the others at once; they are
 * sliced then.
 */
const each = (
  dy: Tensor,
  axis: number,
  inputs: ReadonlyArray<Tensor>,
  along: (input: Tensor) => number
): { readonly [input: string]: () => Tensor } => {
  const sizes = inputs.map(along), place = (at: number) => dy.shape.map((_, a) => a === axis ? at : 0)
  let parts: ReadonlyArray<Tensor> | undefined, begin = 0
  return Object.fromEntries(inputs.map(({ shape }, i) => {
    const first = begin, size = sizes[i]!
    begin += size
    return [i, () => {
      const part = (parts ??= tf.split(dy, sizes, axis))[i]!
      const own = part.isDisposed
        ? tf.slice(dy, place(first), dy.shape.map((n, a) => a === axis ? size : n))
        : part
      return own.rank === shape.length ? own : tf.reshape(own, shape)
    }]
  }))
}

/** Several tensors as one. */
export const concats: KernelSet = {
  gradients: [
    {
      kernelName: "Concat",
      saveAllInputs: true,
      gradFunc: (dy, saved, { axis }) => {
        const along = tf.util.parseAxisParam(axis as number, saved[0]!.shape)[0]!
        return each(dy as Tensor, along, saved, ({ shape }) => shape[along]!)
      }
    },
    {
      kernelName: "Pack",
      saveAllInputs: true,
      gradFunc: (dy, saved, { axis }) => {
        const d = dy as Tensor
        return each(d, tf.util.parseAxisParam(axis as number, d.shape)[0]!, saved, () => 1)
      }
    }
  ],
  kernels: [concatWasm]
}
