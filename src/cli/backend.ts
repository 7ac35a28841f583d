import type { Layer } from "effect"
import type { Backend } from "../backend/Backend.ts"
import { layerCpu } from "../backend/cpu.ts"
import { layerWasm } from "../backend/wasm.ts"
import type { BackendError } from "../core/errors.ts"
import type { RunConfig } from "./config.ts"

/** The backend of a name. */
export const backendLayer = (name: RunConfig["backend"]): Layer.Layer<Backend, BackendError> =>
  name === "cpu" ? layerCpu : layerWasm
