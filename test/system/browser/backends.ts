import { Effect } from "effect"
import { Backend } from "effect-neuron"

// Where the tests run the processor may play the GPU.
export const webgl = Backend.layerWebglWith({ software: true })
export const webgpu = Backend.layerWebgpuWith({ software: true })

export const backends = [["wasm", Backend.layerWasm], ["webgl", webgl]] as const

/** Whether there is a GPU, or a processor that plays one, for WebGPU. */
export const hasWebgpu = Effect.promise(async () => {
  const { gpu } = navigator as { readonly gpu?: { readonly requestAdapter: () => Promise<unknown> } }
  return Boolean(await gpu?.requestAdapter())
})
