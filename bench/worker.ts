import { NodeServices } from "@effect/platform-node"
import { Effect, Layer } from "effect"
import { createInterface } from "node:readline"
import { Backend } from "../src/index.ts"
import { answer } from "./answers.ts"
import { makeBareStep, makeTrainerStep } from "./bareStep.ts"
import type { Ours } from "./contestants.ts"
import type { ModelName, SupervisedName } from "./models.ts"
import { makePipelinedStep } from "./pipelinedStep.ts"
import { timed } from "./timing.ts"

// node worker.ts <model> <batch> bare|bareAccuracy|trainer|trainer2|float32|uint8 <directory>: reads numbers of steps,
// answers with the time per step as JSON. What is measured has a process to itself, since a garbage collection that one
// part causes would else fall on another one.
const [model, size, what, directory] = process.argv.slice(2) as [ModelName, string, Ours, string]
const batch = Number(size)

const program = Effect.gen(function*() {
  const pipeline = what === "float32" || what === "uint8"
    ? yield* makePipelinedStep(model as SupervisedName, directory, what, batch)
    : undefined
  const step: Effect.Effect<unknown, unknown, Backend.Backend> = pipeline?.next ??
    (what === "trainer" || what === "trainer2"
      ? yield* makeTrainerStep(model, batch)
      : yield* makeBareStep(model, batch, what === "bareAccuracy"))
  answer({})
  for (const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();;) {
    const { done, value } = yield* Effect.promise(() => lines.next())
    if (done === true) return
    const sample = yield* timed(Number(value), step)
    answer({ ...sample, ...(pipeline === undefined ? {} : { epoch: pipeline.position.epoch }) })
  }
})

await program.pipe(
  Effect.scoped,
  Effect.provide(Layer.merge(Backend.layerWasmWith({ threads: what === "trainer2" ? 2 : 1 }), NodeServices.layer)),
  Effect.runPromise
)
