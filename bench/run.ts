import { NodeServices } from "@effect/platform-node"
import { version_core } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { cpus, loadavg } from "node:os"
import { parseArgs } from "node:util"
import { Backend } from "../src/index.ts"
import { makeBareStep } from "./bareStep.ts"
import { measure } from "./measure.ts"
import { mnistDirectory } from "./mnist.ts"
import { BATCH, modelNames } from "./models.ts"
import { profile, profileTable } from "./profile.ts"
import { rowsOf, timeTable } from "./report.ts"

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "21" },
    model: { type: "string", default: modelNames.join(",") },
    profile: { type: "boolean", default: false }
  }
})
const rounds = Number(options.rounds), asked = options.model.split(",")
const chosen = modelNames.filter((name) => asked.includes(name))
if (!(Number.isInteger(rounds) && rounds > 0)) throw new RangeError(`--rounds is a positive integer, got ${rounds}`)
if (chosen.length !== asked.length) throw new RangeError(`--model is one or more of ${modelNames.join(",")}`)

// 7 rounds of the small model are an epoch of MNIST, so that later epochs are seen too.
const STEPS = { mlp: 134, cnn: 6 }

const environment = () => ({
  date: new Date().toISOString(),
  cpu: `${cpus()[0]?.model ?? "unknown"}, ${cpus().length} cores`,
  load: loadavg().map((load) => Number(load.toFixed(2))),
  node: process.version,
  tfjs: version_core,
  backend: "wasm",
  batch: BATCH
})

const save = (name: string, results: object) => {
  const folder = new URL("results/", import.meta.url)
  mkdirSync(folder, { recursive: true })
  writeFileSync(new URL(name, folder), `${JSON.stringify({ ...environment(), ...results }, undefined, 2)}\n`)
}

const times = Effect.gen(function*() {
  const { data, directory } = yield* mnistDirectory
  const { cpu, load, node, tfjs } = environment()
  console.log(
    `${cpu}, load ${load.join(" ")}, Node ${node}, TensorFlow.js ${tfjs} (wasm), batches of ${BATCH}, ${data}`
  )
  const measured = []
  for (const model of chosen) measured.push(yield* measure(model, { rounds, steps: STEPS[model], directory }))
  const rows = measured.flatMap(rowsOf)
  console.log(`medians of ${rounds} rounds in turns; a ratio is the median (min-max) of those of the rounds\n`)
  console.log(timeTable(rows))
  save("latest.json", { data, torch: measured[0]?.torch ?? "not found", rows, measured })
}).pipe(Effect.scoped, Effect.provide(NodeServices.layer))

const profiles = Effect.gen(function*() {
  const results = []
  for (const model of chosen) {
    const result = yield* profile(model, { rounds, steps: STEPS[model] }, yield* makeBareStep(model, false))
    console.log(`${profileTable(result)}\n`)
    results.push(result)
  }
  save("profile.json", { profiles: results })
}).pipe(Effect.scoped, Effect.provide(Backend.layerWasm))

await (options.profile ? Effect.runPromise(profiles) : Effect.runPromise(times))
