import "@tensorflow/tfjs-backend-cpu"
import { setWasmPaths } from "@tensorflow/tfjs-backend-wasm"
import { engine } from "@tensorflow/tfjs-core"
import { setTestEnvs } from "@tensorflow/tfjs-core/dist/jasmine_util.js"
import { startCompanion } from "../../../../src/backend/companion/companion.ts"
import { install, start } from "../../../../src/backend/registry.ts"
import { atStart } from "../../../../src/ops/atStart.ts"
import { environment } from "./jasmine.ts"

const [backend, kernels, wasmFolder] = process.argv.slice(2) as [string, string, string]

setWasmPaths(wasmFolder)
setTestEnvs([{ name: backend, backendName: backend, isDataSync: true }])

if (kernels !== "stock") {
  for (const set of atStart) install(set)
  start(backend)
}
// The suite makes a new backend for each of its groups.
if (kernels === "ours, with companion") {
  environment.beforeEach(async () => {
    if (engine().backendName === "wasm") await startCompanion(true)
  })
}
