import { NodeServices } from "@effect/platform-node"
import { version_core } from "@tensorflow/tfjs-core"
import { Effect, Layer } from "effect"
import { mkdirSync, writeFileSync } from "node:fs"
import { cpus, loadavg } from "node:os"
import { parseArgs } from "node:util"
import { Backend } from "../src/index.ts"
import { makeBareStep } from "./bareStep.ts"
import { measure } from "./measure.ts"
import { mnistDirectory } from "./mnist.ts"
import { BATCH, cnn, mlp } from "./models.ts"
import { profile } from "./profile.ts"
import { profileTable, rowsOf, timeTable } from "./report.ts"
import { makeTorch } from "./torch.ts"

const { values: options } = parseArgs({
  options: {
    rounds: { type: "string", default: "21" },
    model: { type: "string", default: "mlp,cnn" },
    profile: { type: "boolean", default: false }
  }
})
const rounds = Number(options.rounds), chosen = new Set(options.model.split(","))
if (!(Number.isInteger(rounds) && rounds > 0)) throw new RangeError("--rounds is a positive integer")

// 7 rounds of the small model are an epoch of MNIST, so that later epochs are seen too.
const plans = { mlp: { steps: 134, profiled: 500, torchTarget: 3 }, cnn: { steps: 6, profiled: 40, torchTarget: 5 } }

const environment = () => ({
  date: new Date().toISOString(),
  cpu: `${cpus()[0]?.model ?? "unknown"} x ${cpus().length}`,
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
  const torch = yield* makeTorch
  const { cpu, load, node, tfjs } = environment()
  console.log(
    `${cpu}, load ${load.join(" ")}, Node ${node}, TensorFlow.js ${tfjs} (wasm), batches of ${BATCH}, ${data}`
  )
  console.log(torch === undefined ? "PyTorch: not found" : `PyTorch ${torch.version}, 1 thread`)
  const common = { rounds, directory, torch }
  const measured = [
    ...(chosen.has("mlp") ? [yield* measure({ ...common, name: "mlp", model: mlp, steps: plans.mlp.steps })] : []),
    ...(chosen.has("cnn") ? [yield* measure({ ...common, name: "cnn", model: cnn, steps: plans.cnn.steps })] : [])
  ]
  const rows = measured.flatMap((measurement) =>
    rowsOf(measurement, torch?.version, plans[measurement.model as "mlp" | "cnn"].torchTarget)
  )
  console.log(`\nmedians of ${rounds} rounds, all in turns; ratios are the median (min-max) of those of the rounds\n`)
  console.log(timeTable(rows))
  for (const { model, startup } of measured) {
    console.log(`\n${model}: the first step of the pipeline is done ${startup.toFixed(0)} ms after it is started`)
  }
  save("latest.json", { data, torch: torch?.version ?? "not found", rounds, rows, measured })
})

const profiles = Effect.gen(function*() {
  const results = [
    ...(chosen.has("mlp") ? [yield* profile("mlp", plans.mlp.profiled, yield* makeBareStep(mlp, false))] : []),
    ...(chosen.has("cnn") ? [yield* profile("cnn", plans.cnn.profiled, yield* makeBareStep(cnn, false))] : [])
  ]
  for (const result of results) console.log(`${profileTable(result)}\n`)
  save("profile.json", { profiles: results })
})

await (options.profile ? profiles : times).pipe(
  Effect.scoped,
  Effect.provide(Layer.merge(Backend.layerWasm, NodeServices.layer)),
  Effect.runPromise
)
