import { companion, pointer, scratch } from "../companion/companion.ts"
import type { KernelOverride } from "../registry.ts"
import { wasmBackend } from "../wasmHeap.ts"

interface Functions {
  readonly resizeScratch: (oldWidth: number, channels: number, newHeight: number, newWidth: number) => number
  readonly resize: (...numbers: ReadonlyArray<number>) => void
  readonly resizeGradient: (...numbers: ReadonlyArray<number>) => void
}

type Shape4D = [batch: number, height: number, width: number, channels: number]

/** The gradient has `dy` beside the images, of which it takes the size. */
const resizing = (kernelName: string, name: "resize" | "resizeGradient", nearest: boolean): KernelOverride => ({
  kernelName,
  backendName: "wasm",
  kernel: (call, stock) => {
    const images = call.inputs["images"]!, from = call.inputs["dy"] ?? images, fast = companion<Functions>()
    const { alignCorners, halfPixelCenters, size } = call.attrs as unknown as {
      readonly alignCorners: boolean
      readonly halfPixelCenters: boolean
      readonly size: readonly [number, number]
    }
    if (fast === undefined || [images, from].some(({ dtype, size }) => dtype !== "float32" || size === 0)) {
      return stock(call as never)
    }
    const [batch, height, width, channels] = images.shape as Shape4D
    const [newHeight, newWidth] = from === images ? size : from.shape.slice(1, 3) as [number, number]
    const shape = from === images ? [batch, newHeight, newWidth, channels] : images.shape
    const out = wasmBackend(call.backend).makeOutput(shape, "float32")
    const space = scratch(fast.resizeScratch(width, channels, newHeight, newWidth))
    const options = [nearest, alignCorners, halfPixelCenters].map(Number)
    fast[name](batch, height, width, channels, newHeight, newWidth, ...options, pointer(from), pointer(out), space)
    return out
  }
})

/** Images at another size, and the gradients of that, which the stock kernels know without `halfPixelCenters` only. */
export const resizeWasm: ReadonlyArray<KernelOverride> = [
  resizing("ResizeBilinear", "resize", false),
  resizing("ResizeBilinearGrad", "resizeGradient", false),
  resizing("ResizeNearestNeighbor", "resize", true),
  resizing("ResizeNearestNeighborGrad", "resizeGradient", true)
]
