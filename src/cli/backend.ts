import type { Layer } from "effect"
import { layerCpu, layerWasm } from "../backend/Backend.ts"
import type { Backend } from "../backend/Backend.ts"
import type { BackendError } from "../core/errors.ts"
import type { RunConfig } from "./config.ts"

export const backendLayer = (name: RunConfig["backend"]): Layer.Layer<Backend, BackendError> =>
  name === "cpu" ? layerCpu : layerWasm
