import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { extremaWasm } from "../backend/kernels/binary.ts"
import type { KernelSet } from "../backend/registry.ts"
import { binary } from "./elementwise.ts"

/** 1 where a is larger, 0 where b is, and half where they tie. */
const shareOfLarger = (a: Tensor, b: Tensor): Tensor => tf.mul(0.5, tf.add(1, tf.sign(tf.sub(a, b))))

/** The larger and the smaller of two. */
export const extrema: KernelSet = {
  gradients: [
    binary("Maximum", (dy, a, b) => tf.mul(dy, shareOfLarger(a, b)), (dy, a, b) => tf.mul(dy, shareOfLarger(b, a))),
    binary("Minimum", (dy, a, b) => tf.mul(dy, shareOfLarger(b, a)), (dy, a, b) => tf.mul(dy, shareOfLarger(a, b)))
  ],
  kernels: extremaWasm
}
