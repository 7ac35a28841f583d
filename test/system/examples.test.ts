import * as NodeServices from "@effect/platform-node/NodeServices"
import { afterAll, assert, beforeAll, describe, it, vi } from "@effect/vitest"
import { memory } from "@tensorflow/tfjs-core"
import { Effect, Stream } from "effect"
import { Backend, Experiment, Train } from "effect-neuron"
import { mkdtempSync, readdirSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { writeSmallMnist } from "../support/cli.ts"

// Each example is a program that fails when it misses its target; importing it runs it.
const examples: { readonly [file: string]: () => Promise<unknown> } = {
  "addition.ts": () => import("../../examples/addition.ts"),
  "custom-layer.ts": () => import("../../examples/custom-layer.ts"),
  "gan-gaussian.ts": () => import("../../examples/gan-gaussian.ts"),
  "gan-ring.ts": () => import("../../examples/gan-ring.ts"),
  "mnist-cnn.ts": () => import("../../examples/mnist-cnn.ts"),
  "resume.ts": () => import("../../examples/resume.ts"),
  "xor.ts": () => import("../../examples/xor.ts")
}

// Each exports an experiment, which reaches what a test of it says.
const experiments: {
  readonly [file: string]: readonly [
    load: () => Promise<object>,
    config: object,
    figure: string,
    limits: readonly [number, number]
  ]
} = {
  "prices.ts": [() => import("../../examples/prices.ts"), { epochs: 20 }, "offBy", [0, 20]],
  "series.ts": [() => import("../../examples/series.ts"), { epochs: 4 }, "loss", [0, 2e-3]],
  "spirals.ts": [() => import("../../examples/spirals.ts"), { epochs: 10 }, "accuracy", [0.98, 1]]
}

const figureOf = (load: () => Promise<object>, json: object, figure: string) =>
  Effect.gen(function*() {
    const [experiment] = Object.values(yield* Effect.promise(load)) as ReadonlyArray<Experiment.Experiment>
    const config = yield* Experiment.parse(experiment!.name, experiment!.config, json)
    const { batches, evaluate, init, step } = yield* experiment!.open(config)
    const trainer = yield* Train.make(init, step)
    yield* Stream.runDrain(batches(0).pipe(trainer.run))
    return (yield* evaluate!("test", trainer))[figure] as number
  }).pipe(Effect.scoped, Effect.provide(Backend.layerWasm))

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
    assert.deepStrictEqual(
      files.sort(),
      [...Object.keys(examples), ...Object.keys(experiments), ...ofBuiltPackage].sort()
    )
  })

  for (const [file, [load, config, figure, [least, most]]] of Object.entries(experiments)) {
    it(`${file} trains to its target and leaves no tensor`, async () => {
      const before = memory().numTensors, reached = await Effect.runPromise(figureOf(load, config, figure))
      assert.isAtLeast(reached, least)
      assert.isAtMost(reached, most)
      assert.strictEqual(memory().numTensors, before)
    })
  }

  for (const [file, run] of Object.entries(examples)) {
    it(`${file} reaches its target and leaves no tensor`, async () => {
      const before = memory().numTensors
      await run()
      assert.strictEqual(memory().numTensors, before)
    })
  }
})
