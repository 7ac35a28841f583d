import { add, engine, mean, mul, rsqrt, square, sub, sum } from "@tensorflow/tfjs-core"
import type { GradConfig, Tensor } from "@tensorflow/tfjs-core"
import { asFloat, fail, shapeOf } from "../backend/checks.ts"
import { layerNormGradientWasm, layerNormWasm, rmsNormGradientWasm, rmsNormWasm } from "../backend/kernels/layerNorm.ts"
import { run } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import { equals } from "../core/Shape.ts"

/** What belongs to the last axes of x, as floats. */
const byValue = (
  operation: string,
  x: Tensor,
  tensors: { readonly [name: string]: Tensor }
): { readonly [name: string]: Tensor } => {
  const [scale] = Object.values(tensors) as [Tensor]
  return Object.fromEntries(
    Object.entries(tensors).map(([name, tensor]) =>
      scale.rank > 0 && scale.rank <= x.rank && equals(tensor.shape, x.shape.slice(-scale.rank))
        ? [name, asFloat(operation, name, tensor)]
        : fail(operation, `${name} of the last dimensions of x ${shapeOf(x)}`, shapeOf(tensor))
    )
  )
}

/**
 * (x - mean) / √(variance + epsilon) scale + offset, with the moments of each example over the axes that scale and offset
 * have: the last one, or the last ones (Ba, Kiros, Hinton: "Layer normalization", 2016). The variance is divided by the
 * number of values. One pass over memory on the WebAssembly backend, and one for all gradients. Throws for other shapes.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * const x = tf.tensor2d([[-5, 5], [7, 9]]), scale = tf.tensor1d([1, 1]), offset = tf.tensor1d([0, 100])
 * Ops.layerNorm(x, scale, offset, 0).arraySync() // => [[-1, 101], [-1, 101]]
 * ```
 */
export const layerNorm = (x: Tensor, scale: Tensor, offset: Tensor, epsilon: number): Tensor =>
  run(set, "LayerNorm", {
    ...byValue("layerNorm", x, { scale, offset }),
    x: asFloat("layerNorm", "x", x)
  }, { epsilon })

/**
 * x / √(mean x² + epsilon) scale, with the mean of each example over the axes that the scale has: the last one, or the
 * last ones (Zhang, Sennrich: "Root mean square layer normalization", 2019). One pass over memory on the WebAssembly
 * backend, and one for all gradients. Throws for other shapes.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * Ops.rmsNorm(tf.tensor2d([[1, -7], [25, 25]]), tf.tensor1d([10, 100]), 0).arraySync() // => [[2, -140], [10, 100]]
 * ```
 */
export const rmsNorm = (x: Tensor, scale: Tensor, epsilon: number): Tensor =>
  run(set, "RmsNorm", { ...byValue("rmsNorm", x, { scale }), x: asFloat("rmsNorm", "x", x) }, { epsilon })

interface Inputs {
  readonly x: Tensor
  readonly scale: Tensor
}

interface Incoming extends Inputs {
  readonly dy: Tensor
}

interface Attrs {
  readonly epsilon: number
}

/** The mean over the axes that the scale has. */
const average = (x: Tensor, scale: Tensor): Tensor =>
  mean(x, scale.shape.map((_, axis) => x.rank - scale.rank + axis), true)

/** The sum over the others. */
const total = (x: Tensor, scale: Tensor): Tensor =>
  x.rank === scale.rank ? x : sum(x, x.shape.slice(0, x.rank - scale.rank).map((_, axis) => axis))

const inverseOf = (x: Tensor, scale: Tensor, epsilon: number): Tensor => rsqrt(add(average(square(x), scale), epsilon))

const centered = ({ scale, x }: Inputs): Tensor => sub(x, average(x, scale))

/**
 * The gradients by x, and by the scale, of x as it is: those of operations that can be differentiated again. Layer norm
 * is that of what has the mean 0, whose own gradient has it too.
 */
const composedGradients = ({ dy, scale, x }: Incoming, epsilon: number): [dx: Tensor, dscale: Tensor] => {
  const inverse = inverseOf(x, scale, epsilon), normal = mul(x, inverse), slope = mul(dy, scale)
  const within = sub(slope, mul(normal, average(mul(slope, normal), scale)))
  return [mul(within, inverse), total(mul(dy, normal), scale)]
}

const compositions = {
  LayerNorm: ({ offset, scale, x }: Inputs & { readonly offset: Tensor }, { epsilon }: Attrs): Tensor => {
    const z = centered({ scale, x })
    return add(mul(mul(z, inverseOf(z, scale, epsilon)), scale), offset)
  },
  RmsNorm: ({ scale, x }: Inputs, { epsilon }: Attrs): Tensor => mul(mul(x, inverseOf(x, scale, epsilon)), scale),
  LayerNormGradient: (given: Incoming, { epsilon }: Attrs): [dx: Tensor, dscale: Tensor, doffset: Tensor] => {
    const { dy, scale } = given, [dx, dscale] = composedGradients({ ...given, x: centered(given) }, epsilon)
    return [centered({ scale, x: dx }), dscale, total(dy, scale)]
  },
  RmsNormGradient: (given: Incoming, { epsilon }: Attrs): [dx: Tensor, dscale: Tensor] =>
    composedGradients(given, epsilon)
}

/** The kernel of a gradient has none of its own: on a tape, for a gradient of this gradient, it is composed. */
const gradientBy = (kernelName: "LayerNorm" | "RmsNorm", names: ReadonlyArray<string>): GradConfig => ({
  kernelName,
  inputsToSave: ["x", "scale"],
  gradFunc: (dy, saved, attrs) => {
    const [x, scale] = saved as [Tensor, Tensor], name = `${kernelName}Gradient` as const
    const given = { x, scale, dy: dy as Tensor }
    const gradients = engine().state.gradientDepth > 0
      ? compositions[name](given, attrs as unknown as Attrs)
      : engine().runKernel(name, given, attrs) as Array<Tensor>
    return Object.fromEntries(names.map((name, i) => [name, () => gradients[i]!]))
  }
})

const set: KernelSet = {
  gradients: [gradientBy("LayerNorm", ["x", "scale", "offset"]), gradientBy("RmsNorm", ["x", "scale"])],
  kernels: [layerNormWasm, layerNormGradientWasm, rmsNormWasm, rmsNormGradientWasm],
  compositions
}
