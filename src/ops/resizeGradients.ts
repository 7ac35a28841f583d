import { engine, matMul, reshape, tensor2d, zerosLike } from "@tensorflow/tfjs-core"
import type { GradConfig, NamedAttrMap, Tensor } from "@tensorflow/tfjs-core"
import { runFused } from "./fused.ts"

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

/** Resizing is a product with a matrix from either side, and its gradient the product with their transposes. */
const composed = (kind: Kind, dy: Tensor, images: Tensor, attrs: NamedAttrMap): Tensor => {
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

const resizing = (kind: Kind): ReadonlyArray<GradConfig> => [
  {
    kernelName: `Resize${kind}`,
    inputsToSave: ["images"],
    gradFunc: (dy, saved, attrs) => {
      const d = dy as Tensor, images = saved[0]!
      return {
        images: () => runFused(`Resize${kind}Grad`, { dy: d, images }, attrs) ?? composed(kind, d, images, attrs)
      }
    }
  },
  {
    kernelName: `Resize${kind}Grad`,
    inputsToSave: ["dy", "images"],
    gradFunc: (ddx, saved, attrs) => ({
      dy: () => {
        const size = saved[0]!.shape.slice(1, 3)
        return engine().runKernel(`Resize${kind}`, { images: ddx as Tensor }, { ...attrs, size }) as Tensor
      },
      images: () => zerosLike(saved[1]!)
    })
  }
]

export const resizeGradients: ReadonlyArray<GradConfig> = [...resizing("Bilinear"), ...resizing("NearestNeighbor")]
