import type { Layer } from "effect"
import type { Backend } from "../backend/Backend.ts"
import { layerCpu } from "../backend/cpu.ts"
import { layerWasmWith } from "../backend/wasm.ts"
import type { BackendError } from "../core/errors.ts"

/** The backend of a name. Threads change nothing about results, and are no part of what a run is. */
export const backendLayer = (name: "wasm" | "cpu", threads: number): Layer.Layer<Backend, BackendError> =>
  name === "cpu" ? layerCpu : layerWasmWith({ threads })
