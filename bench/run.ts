import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { cpus, loadavg } from "node:os"
import { parseArgs } from "node:util"
import { Backend } from "../src/index.ts"
import { makeBareStep } from "./bareStep.ts"
import { measureBounds } from "./bounds.ts"
import { kernelCosts, kernelTable } from "./kernels.ts"
import { measure } from "./measure.ts"
import { mnistDirectory } from "./mnist.ts"
import { batchOf, modelNames } from "./models.ts"
import type { ModelName } from "./models.ts"
import { profile, profileTable } from "./profile.ts"
import { comparisonsOf, comparisonTable, rowsOf, timeTable } from "./report.ts"
import { tf } from "./tfjs.ts"

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "21" },
    model: { type: "string", default: modelNames.join(",") },
    batch: { type: "string" },
    ours: { type: "boolean", default: false },
    profile: { type: "boolean", default: false },
    kernels: { type: "boolean", default: false },
    threads: { type: "string", default: "1" }
  }
})
const rounds = Number(options.rounds), asked = options.model.split(",")
const threads = Number(options.threads)
const batches = options.batch?.split(",").map(Number)
const batchesOf = (model: ModelName) => batches ?? [batchOf(model)]
const chosen = modelNames.filter((name) => asked.includes(name))
if (!(Number.isInteger(rounds) && rounds > 0)) throw new RangeError(`--rounds is a positive integer, got ${rounds}`)
if (chosen.length !== asked.length) throw new RangeError(`--model is one or more of ${modelNames.join(",")}`)
if (!(batches ?? []).every((batch) => Number.isInteger(batch) && batch > 0)) {
  throw new RangeError(`--batch is one or more positive integers, got ${options.batch}`)
}

// Turns of half a second: in shorter ones the first steps count, which find other programs' data in the caches. Two
// rounds of the mlp are an epoch of MNIST, so that later epochs are seen too.
const STEPS = {
  ...{ mlp: 469, cnn: 24, discriminator: 18, critic: 7, lstm: 8, gru: 8, lstm512: 2 },
  ...{ block: 5, gptSmall: 40, gpt6: 1, gpt: 1 }
}
const stepsOf = (model: ModelName, batch: number) => Math.max(1, Math.round(STEPS[model] * batchOf(model) / batch))

const environment = () => ({
  date: new Date().toISOString(),
  cpu: `${cpus()[0]?.model ?? "unknown"}, ${cpus().length} cores`,
  load: loadavg().map((load) => Number(load.toFixed(2))),
  node: process.version,
  tfjs: tf.version_core,
  backend: "wasm"
})

const save = (name: string, results: object) => {
  const folder = new URL("results/", import.meta.url)
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL(name, folder), `${JSON.stringify({ ...environment(), ...results }, undefined, 2)}\n`)
}

const times = Effect.gen(function*() {
  const { data, directory } = yield* mnistDirectory
  const { cpu, load, node, tfjs } = environment()
  console.log(`${cpu}, load ${load.join(" ")}, Node ${node}, TensorFlow.js ${tfjs} (wasm), ${data}`)
  const measured = []
  for (const model of chosen) {
    for (const batch of batchesOf(model)) {
      const steps = stepsOf(model, batch)
      measured.push(yield* measure({ model, batch, rounds, steps, directory, withPeers: !options.ours }))
    }
  }
  const rows = measured.flatMap(rowsOf), comparisons = measured.flatMap(comparisonsOf)
  console.log(`medians of ${rounds} rounds in turns; a ratio is the median (min-max) of those of the rounds\n`)
  console.log(`${timeTable(rows)}\n\n${comparisonTable(comparisons)}`)
  save("latest.json", { data, rows, comparisons, measured })
}).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

const profiles = Effect.gen(function*() {
  const results = []
  for (const model of chosen) {
    const batch = batchesOf(model)[0]!, steps = stepsOf(model, batch)
    const result = yield* profile(model, { rounds, steps }, yield* makeBareStep(model, batch, false))
    console.log(`${profileTable(result)}\n`)
    results.push(result)
  }
  save("profile.json", { profiles: results })
}).pipe(Effect.scoped, Effect.provide(Backend.layerWasmWith({ threads })))

const kernels = Effect.gen(function*() {
  yield* Effect.service(Backend.Backend)
  const bounds = yield* Effect.promise(measureBounds)
  const costs = kernelCosts(rounds, bounds)
  console.log(
    `on one thread at most ${bounds.gflops.toFixed(1)} GFLOPS; rates and shares are those of the fastest turn\n`
  )
  console.log(kernelTable(costs))
  save("kernels.json", { kernels: costs })
}).pipe(Effect.provide(Backend.layerWasmWith({ threads })))

await (options.profile
  ? Effect.runPromise(profiles)
  : options.kernels
  ? Effect.runPromise(kernels)
  : Effect.runPromise(times))
