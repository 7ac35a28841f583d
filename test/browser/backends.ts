import simd from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm-simd.wasm?url"
import plain from "@tensorflow/tfjs-backend-wasm/dist/tfjs-backend-wasm.wasm?url"
import { Backend } from "effect-neuron"

export const wasmPaths = { "tfjs-backend-wasm.wasm": plain, "tfjs-backend-wasm-simd.wasm": simd }

/** The backends of a page. */
export const backends = [["wasm", Backend.layerWasmWith({ paths: wasmPaths })], ["webgl", Backend.layerWebgl]] as const
