import { NodeServices } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { createInterface } from "node:readline"
import { Backend } from "../src/index.ts"
import { makeBareStep } from "./bareStep.ts"
import type { ModelName } from "./models.ts"
import { makePipelinedStep } from "./pipelinedStep.ts"
import { timed } from "./timing.ts"

// node worker.ts <model> bare|bareAccuracy|float32|uint8 <directory>: reads numbers of steps, answers with the time per
// step as JSON. What is measured has a process to itself, since a garbage collection that one part causes would else
// fall on another one.
const [model, what, directory] = process.argv.slice(2) as [ModelName, string, string]

const answer = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`)

const program = Effect.gen(function*() {
  const bare = yield* makeBareStep(model, what !== "bare")
  const pipeline = what === "float32" || what === "uint8"
    ? yield* makePipelinedStep(model, directory, what)
    : undefined
  answer({})
  for (const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();;) {
    const { done, value } = yield* Effect.promise(() => lines.next())
    if (done === true) return
    const sample = yield* timed(Number(value), pipeline?.next ?? bare)
    answer({ ...sample, epoch: pipeline?.position.epoch ?? 0 })
  }
})

await program.pipe(
  Effect.scoped,
  Effect.provide(Layer.merge(Backend.layerWasm, NodeServices.layer)),
  Effect.runPromise
)
