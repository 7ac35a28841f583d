import type { Tensor } from "@tensorflow/tfjs-core"
import { companion, pointer } from "../companion/companion.ts"
import type { KernelOverride } from "../registry.ts"
import { heapView, wasmBackend } from "../wasmHeap.ts"

type Numbers = (rows: number, n: number, ...numbers: ReadonlyArray<number>) => void

interface Functions {
  readonly crossEntropy: Numbers
  readonly crossEntropyGradient: Numbers
  readonly distributionCrossEntropy: Numbers
  readonly distributionCrossEntropyGradient: Numbers
  readonly sigmoidCrossEntropy: Numbers
  readonly sigmoidCrossEntropyGradient: Numbers
  readonly squaredError: Numbers
  readonly squaredErrorGradient: Numbers
}

// All have names of our own.

/**
 * A loss by rows, or its gradient by its first operand, where there is a `dy` for each row. A row is what the loss
 * takes together: the classes, or an example.
 */
const kernel = (
  kernelName: string,
  name: keyof Functions,
  [first, second]: readonly [string, string],
  rowsOf: (x: Tensor) => Array<number>
): KernelOverride => ({
  kernelName,
  backendName: "wasm",
  kernel: (call, stock) => {
    const { attrs, backend, inputs } = call, fast = companion<Functions>()
    const x = inputs[first]!, dy = inputs["dy"], shape = rowsOf(x), rows = shape.reduce((a, b) => a * b, 1)
    if (fast === undefined || x.size === 0) return stock(call as never)
    const smoothing = attrs["labelSmoothing"] as number | undefined
    const out = wasmBackend(backend).makeOutput(dy === undefined ? shape : x.shape, "float32")
    fast[name](
      rows,
      x.size / rows,
      ...(smoothing === undefined ? [] : [smoothing]),
      ...[x, inputs[second]!, ...(dy === undefined ? [] : [dy]), out].map(pointer)
    )
    // The composition does not count 0 times infinity, which is NaN here.
    if (dy !== undefined || !heapView(backend, out).some(Number.isNaN)) return out
    wasmBackend(backend).disposeData(out.dataId)
    return stock(call as never)
  }
})

const loss = (
  kernelName: string,
  gradientName: string,
  name: "crossEntropy" | "distributionCrossEntropy" | "sigmoidCrossEntropy" | "squaredError",
  operands: readonly [string, string],
  rowsOf: (x: Tensor) => Array<number>
): ReadonlyArray<KernelOverride> => [
  kernel(kernelName, name, operands, rowsOf),
  kernel(gradientName, `${name}Gradient`, operands, rowsOf)
]

const classified = (x: Tensor): Array<number> => x.shape.slice(0, -1), examples = (x: Tensor) => x.shape.slice(0, 1)

/** Of the softmax, with one class for each row. */
export const crossEntropyWasm = loss(
  "SoftmaxCrossEntropy",
  "SoftmaxCrossEntropyGradient",
  "crossEntropy",
  ["logits", "classes"],
  classified
)

/** Of the softmax, with a distribution over the classes for each row. */
export const distributionCrossEntropyWasm = loss(
  "DistributionCrossEntropy",
  "DistributionCrossEntropyGradient",
  "distributionCrossEntropy",
  ["logits", "target"],
  classified
)

/** Of the sigmoid, the mean of each example. */
export const sigmoidCrossEntropyWasm = loss(
  "SigmoidCrossEntropy",
  "SigmoidCrossEntropyGradient",
  "sigmoidCrossEntropy",
  ["logits", "target"],
  examples
)

/** The mean of each example. */
export const squaredErrorWasm = loss(
  "MeanSquaredError",
  "MeanSquaredErrorGradient",
  "squaredError",
  ["a", "b"],
  examples
)
