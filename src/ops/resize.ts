import { engine, matMul, reshape, tensor2d, zerosLike } from "@tensorflow/tfjs-core"
import type { NamedAttrMap, Tensor } from "@tensorflow/tfjs-core"
import { asFloat, fail, shapeOf } from "../backend/checks.ts"
import { resizeWasm } from "../backend/kernels/resize.ts"
import { run } from "../backend/registry.ts"
import type { KernelSet } from "../backend/registry.ts"
import { gradientOf } from "./gradientOf.ts"
import { union } from "./sets.ts"

/** The options of {@link resize}. */
export interface ResizeOptions {
  /** `"bilinear"`, the default, or `"nearest"`. */
  readonly interpolation?: "bilinear" | "nearest"
  /** Whether the centers of the corner pixels stay in their places; by default not. */
  readonly alignCorners?: boolean
  /** Whether pixels are areas whose values stand at their centers, as PyTorch and Keras have it; by default not. */
  readonly halfPixelCenters?: boolean
}

/**
 * Images `[batch, height, width, channels]` at another height and width: `tf.image.resizeBilinear` and
 * `tf.image.resizeNearestNeighbor`, with their gradients. Throws for other shapes, and a `RangeError` for sizes that
 * are not positive integers.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * const x = tf.tensor4d([0, 4], [1, 1, 2, 1])
 * Ops.resize(x, [1, 3], { alignCorners: true }).dataSync() // => Float32Array.of(0, 2, 4)
 * ```
 */
export const resize = (
  x: Tensor,
  size: readonly [height: number, width: number],
  { alignCorners = false, halfPixelCenters = false, interpolation = "bilinear" }: ResizeOptions = {}
): Tensor => {
  if (x.rank !== 4) fail("resize", "x [batch, height, width, channels]", shapeOf(x))
  if (size.length !== 2 || !size.every((n) => Number.isInteger(n) && n > 0)) {
    throw new RangeError(`resize: height and width are positive integers, got [${size}]`)
  }
  if (alignCorners && halfPixelCenters) {
    throw new RangeError("resize: corners are aligned, or pixels have centers at their halves, not both")
  }
  if (x.size === 0) fail("resize", "images that are not empty", shapeOf(x))
  const kernelName = interpolation === "nearest" ? "ResizeNearestNeighbor" : "ResizeBilinear"
  return run(resizing, kernelName, { images: asFloat("resize", "x", x) }, { alignCorners, halfPixelCenters, size })
}

type Kind = "Bilinear" | "NearestNeighbor"

/** What of each old position, a column, is in each new one, a row; in the conventions of the operations. */
const weights = (kind: Kind, old: number, size: number, { alignCorners, halfPixelCenters }: NamedAttrMap): Tensor => {
  const ratio = alignCorners && size > 1 ? (old - 1) / (size - 1) : old / size, shift = halfPixelCenters ? 0.5 : 0
  const matrix = new Float32Array(size * old)
  for (let i = 0; i < size; i++) {
    const at = ratio * (i + shift), row = i * old
    if (kind === "NearestNeighbor") {
      matrix[row + Math.max(0, Math.min(old - 1, Math.floor(alignCorners ? at + 0.5 : at)))] = 1
    } else {
      const first = Math.max(0, Math.floor(at - shift)), second = Math.min(old - 1, Math.ceil(at - shift))
      const part = first === second ? 0 : at - shift - first
      matrix[row + first]! += 1 - part
      matrix[row + second]! += part
    }
  }
  return tensor2d(matrix, [size, old])
}

interface Inputs {
  readonly dy: Tensor
  readonly images: Tensor
}

/** Resizing is a product with a matrix from either side, and its gradient the product with their transposes. */
const gradientBy = (kind: Kind) => ({ dy, images }: Inputs, attrs: NamedAttrMap): Tensor => {
  const [batch, height, width, channels] = images.shape as [number, number, number, number]
  const [, newHeight, newWidth] = dy.shape as [number, number, number, number]
  const rows = matMul(
    weights(kind, height, newHeight, attrs),
    reshape(dy, [batch, newHeight, newWidth * channels]),
    true
  )
  const lines = reshape(rows, [batch * height, newWidth, channels])
  return reshape(matMul(weights(kind, width, newWidth, attrs), lines, true), images.shape)
}

const kind = (kind: Kind): Partial<KernelSet> => ({
  gradients: [
    gradientOf(`Resize${kind}`, ["images"], (dy, { images }, attrs) => ({
      images: () => engine().runKernel(`Resize${kind}Grad`, { dy, images }, attrs) as Tensor
    })),
    gradientOf(`Resize${kind}Grad`, ["dy", "images"], (ddx, { dy, images }, attrs) => ({
      dy: () =>
        engine().runKernel(`Resize${kind}`, { images: ddx }, { ...attrs, size: dy.shape.slice(1, 3) }) as Tensor,
      images: () => zerosLike(images)
    }))
  ],
  compositions: { [`Resize${kind}Grad`]: gradientBy(kind) }
})

/**
 * What images need that change their size. {@link resize} installs it itself; in a bundled page a layer that calls
 * `tf.image.resizeBilinear` or `tf.image.resizeNearestNeighbor` installs it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Autodiff, Ops } from "effect-neuron"
 *
 * Ops.install(Ops.resizing)
 * const total = (x: tf.Tensor4D) => [tf.sum(tf.image.resizeBilinear(x, [2, 4])), 0] as const
 * Autodiff.valueAndGrad(total)(tf.ones([1, 1, 2, 1])).grads.dataSync() // => Float32Array.of(3, 5)
 * ```
 */
export const resizing: KernelSet = union(kind("Bilinear"), kind("NearestNeighbor"), { kernels: resizeWasm })
