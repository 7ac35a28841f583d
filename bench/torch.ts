import { Effect } from "effect"
import { spawnSync } from "node:child_process"
import { fileURLToPath } from "node:url"
import { start } from "./process.ts"

const script = fileURLToPath(new URL("torch_steps.py", import.meta.url))
const env = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" }

/** The first Python that has PyTorch; the one of the system may have it where the one on the path has not. */
const findPython = (): string | undefined =>
  [process.env["PYTHON"], "python3", "/usr/bin/python3"].find((python) =>
    python !== undefined && python !== "" &&
    spawnSync(python, ["-c", "import torch"], { stdio: "ignore", env }).status === 0
  )

/** A process of PyTorch with one thread; undefined where there is none. */
export const startTorch = (model: string) =>
  Effect.gen(function*() {
    const python = findPython()
    if (python === undefined) return undefined
    const [{ version }, torch] = yield* start<{ readonly version: string }>(python, [script, model], env)
    return { version, torch }
  })
