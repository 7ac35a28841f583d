import * as NodeServices from "@effect/platform-node/NodeServices"
import { afterAll, assert, beforeAll, describe, it, vi } from "@effect/vitest"
import { memory } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend } from "effect-neuron"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { writeSmallMnist } from "../support/cli.ts"

// Each example is a program that fails when it misses its target; importing it runs it.
const examples: { readonly [file: string]: () => Promise<unknown> } = {
  "custom-layer.ts": () => import("../../examples/custom-layer.ts"),
  "gan-gaussian.ts": () => import("../../examples/gan-gaussian.ts"),
  "gan-ring.ts": () => import("../../examples/gan-ring.ts"),
  "mnist-cnn.ts": () => import("../../examples/mnist-cnn.ts"),
  "resume.ts": () => import("../../examples/resume.ts"),
  "xor.ts": () => import("../../examples/xor.ts")
}

// Its thread reads the package as it is built: test/system/packed/package.test.ts runs it.
const ofBuiltPackage = ["worker.ts"]

describe("examples", () => {
  const folder = mkdtempSync(join(tmpdir(), "effect-neuron-examples-"))
  beforeAll(async () => {
    vi.spyOn(console, "log").mockImplementation(() => {})
    vi.stubEnv("EXAMPLES", "2560")
    await Effect.runPromise(Effect.provide(Effect.void, Backend.layerWasm))
    // Without the real files, generated ones in their format: no test goes to the network.
    if (process.env["MNIST_DIR"] === undefined) {
      await Effect.runPromise(Effect.provide(writeSmallMnist(folder, 2560, 500), NodeServices.layer))
      vi.stubEnv("MNIST_DIR", folder)
      vi.stubEnv("EXAMPLES", "2559")
    }
  })
  afterAll(() => {
    vi.restoreAllMocks()
    vi.unstubAllEnvs()
    rmSync(folder, { recursive: true })
  })

  it("are all run here", () => {
    const files = readdirSync(new URL("../../examples", import.meta.url)).filter((name) => name.endsWith(".ts"))
    assert.deepStrictEqual(files.sort(), [...Object.keys(examples), ...ofBuiltPackage].sort())
  })

  for (const [file, run] of Object.entries(examples)) {
    it(`${file} reaches its target and leaves no tensor`, async () => {
      const before = memory().numTensors
      await run()
      assert.strictEqual(memory().numTensors, before)
    })
  }
})
