import { BATCH, freshly, gradient, random, sizeOf } from "./kernelCase.ts"
import type { Case } from "./kernelCase.ts"
import { tf } from "./tfjs.ts"

const product = (m: number, k: number, n: number, form: "NN" | "TN" | "NT"): Case => {
  const transposeA = form === "TN", transposeB = form === "NT"
  return {
    name: `matMul ${m}x${k}x${n} ${form}`,
    unit: "GFLOPS",
    work: 2 * m * k * n,
    inputs: [transposeA ? random(k, m) : random(m, k)],
    fresh: transposeB ? freshly(n, k) : freshly(k, n),
    run: ([a], [b]) => tf.matMul(a!, b!, transposeA, transposeB)
  }
}

/** A convolution with "same" padding and its gradients. */
const convolution = (size: number, inputs: number, kernel: number, outputs: number, stride: number) => {
  const out = Math.ceil(size / stride)
  const image = [BATCH, size, size, inputs] as const, output = [BATCH, out, out, outputs] as const
  const filter = [kernel, kernel, inputs, outputs] as const
  const attrs = {
    ...{ strides: [stride, stride], pad: "same", dataFormat: "NHWC", dilations: [1, 1] },
    dimRoundingMode: undefined
  }
  const all = { unit: "GFLOPS", work: 2 * sizeOf(output) * kernel * kernel * inputs } as const
  const forward: Case = {
    ...all,
    name: `conv2d ${image.join("x")}, ${kernel}x${kernel}x${outputs}${stride > 1 ? `, strides ${stride}` : ""}`,
    inputs: [random(...image)],
    fresh: freshly(...filter),
    run: ([x], [w]) => tf.conv2d(x as never, w as never, stride, "same")
  }
  const byFilter: Case = {
    ...all,
    name: "its gradient by the filter",
    inputs: [random(...image), random(...filter)],
    fresh: freshly(...output),
    run: ([x, w], [dy]) => gradient("Conv2D", dy!, [x!, w!], attrs, "filter")
  }
  const byInput: Case = {
    ...all,
    name: "its gradient by the input",
    inputs: [random(...image), random(...output)],
    fresh: freshly(...filter),
    run: ([x, dy], [w]) => gradient("Conv2D", dy!, [x!, w!], attrs, "x")
  }
  // Over one channel it is a first layer, of which no gradient by the input is needed.
  return inputs === 1 ? [forward, byFilter] : [forward, byInput, byFilter]
}

const depthwise = (): Case => {
  const image = [BATCH, 14, 14, 128] as const
  return {
    name: "depthwise conv2d 64x14x14x128, 3x3",
    unit: "GFLOPS",
    work: 2 * 9 * sizeOf(image),
    inputs: [random(...image)],
    fresh: freshly(3, 3, 128, 1),
    run: ([x], [w]) => tf.depthwiseConv2d(x as never, w as never, 1, "same")
  }
}

/** Kernels that are bound by arithmetic. */
export const productCases = (): ReadonlyArray<Case> => [
  product(512, 512, 512, "NN"),
  // A dense layer, and its gradients by its kernel and by its input.
  product(64, 784, 128, "NN"),
  product(784, 64, 128, "TN"),
  product(64, 128, 784, "NT"),
  ...convolution(14, 32, 3, 64, 1),
  ...convolution(28, 1, 3, 32, 1),
  ...convolution(14, 64, 1, 128, 1),
  ...convolution(14, 32, 5, 64, 1),
  ...convolution(14, 64, 3, 128, 2),
  ...convolution(14, 64, 4, 128, 2),
  depthwise()
]
