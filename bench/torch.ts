import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { start } from "./process.ts"

const script = fileURLToPath(new URL("torch_steps.py", import.meta.url))
const environment = (threads: number) => ({
  ...process.env,
  OMP_NUM_THREADS: String(threads),
  OPENBLAS_NUM_THREADS: String(threads),
  MKL_NUM_THREADS: String(threads)
})

/** The first Python that has PyTorch; the one of the system may have it where the one on the path has not. */
const findPython = (): string | undefined =>
  [process.env["PYTHON"], "python3", "/usr/bin/python3"].find((python) =>
    python !== undefined && python !== "" &&
    spawnSync(python, ["-c", "import torch"], { stdio: "ignore", env: environment(1) }).status === 0
  )

let found: { readonly python: string | undefined } | undefined

/** A process of PyTorch with so many threads; undefined where there is none. */
export const startTorch = (model: string, batch: number, threads: number) =>
  Effect.gen(function*() {
    found ??= { python: findPython() }
    if (found.python === undefined) return undefined
    const args = [script, model, String(batch), String(threads)]
    return yield* start<{ readonly version: string }>(found.python, args, { env: environment(threads) })
  })
