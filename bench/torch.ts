import { Effect } from "effect"
import { spawn, spawnSync } from "node:child_process"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import type { Sample } from "./timing.ts"

const script = fileURLToPath(new URL("torch_steps.py", import.meta.url))
const env = { ...process.env, OMP_NUM_THREADS: "1", OPENBLAS_NUM_THREADS: "1", MKL_NUM_THREADS: "1" }

/** The first Python that has PyTorch; the one of the system may have it where the one on the path has not. */
const findPython = (): string | undefined =>
  [process.env["PYTHON"], "python3", "/usr/bin/python3"].find((python) =>
    python !== undefined && spawnSync(python, ["-c", "import torch"], { stdio: "ignore", env }).status === 0
  )

export interface Torch {
  readonly version: string
  readonly steps: (model: string, n: number) => Effect.Effect<Sample>
}

/** A process of PyTorch with one thread, which waits while others are measured; undefined where there is none. */
export const makeTorch = Effect.gen(function*() {
  const python = findPython()
  if (python === undefined) return undefined
  const child = yield* Effect.acquireRelease(
    Effect.sync(() => spawn(python, [script], { stdio: ["pipe", "pipe", "inherit"], env })),
    (child) => Effect.sync(() => child.kill())
  )
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  const answer = async () => {
    const { done, value } = await lines.next()
    if (done === true) throw new Error("the process of PyTorch has ended")
    return JSON.parse(value) as unknown
  }
  const { version } = (yield* Effect.promise(answer)) as { readonly version: string }
  const torch: Torch = {
    version,
    steps: (model, n) =>
      Effect.promise(() => {
        child.stdin.write(`${model} ${n}\n`)
        return answer() as Promise<Sample>
      })
  }
  return torch
})
