import simd from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url"
import plain from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url"
import { Effect } from "effect"
import { Backend } from "effect-neuron"

export const wasmPaths = { "tfjs-backend-wasm.wasm": plain, "tfjs-backend-wasm-simd.wasm": simd }

// Where the tests run the processor may play the GPU.
export const webgl = Backend.layerWebglWith({ software: true })
export const webgpu = Backend.layerWebgpuWith({ software: true })

export const backends = [["wasm", Backend.layerWasmWith({ paths: wasmPaths })], ["webgl", webgl]] as const

/** Whether there is a GPU, or a processor that plays one, for WebGPU. */
export const hasWebgpu = Effect.promise(async () => {
  const { gpu } = navigator as { readonly gpu?: { readonly requestAdapter: () => Promise<unknown> } }
  return Boolean(await gpu?.requestAdapter())
})
