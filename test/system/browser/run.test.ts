import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem, Layer, Stream } from "effect"
import { Backend, Checkpoint, Errors, Run, Train, Tree } from "effect-neuron"
import * as Browser from "effect-neuron/browser"
import { leavesNoTensor } from "../../support/backend.ts"
import { batch, batches, init, model, step, supervision } from "../../support/training.ts"

const backend = Backend.layerWasm
/** A new connection to the database each time, as in a page that is loaded again. */
const services = () => Layer.merge(backend, Browser.layerIndexedDb("runs"))
const range = (n: number) => Array.from({ length: n }, (_, i) => i + 1)

/** Trains a run to a step, from where it is, with something done at each step. */
const train = <E, R>(folder: string, to: number, at: (step: number) => Effect.Effect<unknown, E, R>) =>
  Effect.gen(function*() {
    const trainer = yield* Train.make(Checkpoint.resume(folder, init), step)
    const { step: from } = yield* trainer.state
    yield* batches.pipe(
      Stream.take(to),
      Stream.drop(from),
      trainer.run,
      Train.validating({ ...supervision, trainer, batches: Stream.make(batch(99)), every: 4 }),
      Run.record(folder, { trainer, model, input: [8, 8, 1], every: 5, experiment: "bands" }),
      Stream.tap(({ step }) => at(step)),
      Stream.runDrain
    )
    return Tree.leaves(yield* trainer.state).map((x) => Array.from(x.dataSync()))
  }).pipe(Effect.scoped, leavesNoTensor)

describe("a run in a page", () => {
  it.effect("goes on from a page that was closed, to the weights of one that was not", () =>
    Effect.gen(function*() {
      const nothing = () => Effect.void
      const whole = yield* train("runs/whole", 12, nothing).pipe(Effect.provide(services()))
      for (const closedAt of [3, 8]) {
        // What the database holds then is what a page that is closed leaves.
        const folder = `runs/closed-${closedAt}`, copy = `${folder}-copy`
        yield* train(folder, 12, (step) =>
          step === closedAt
            ? Effect.gen(function*() {
              const files = yield* FileSystem.FileSystem
              for (const name of yield* files.readDirectory(folder)) {
                yield* files.writeFile(`${copy}/${name}`, yield* files.readFile(`${folder}/${name}`))
              }
            })
            : Effect.void).pipe(Effect.provide(services()))
        assert.deepStrictEqual(yield* train(copy, 12, nothing).pipe(Effect.provide(services())), whole)
        yield* Effect.gen(function*() {
          const { resumedFrom, state, versions } = yield* Run.read(copy)
          assert.deepStrictEqual([state, resumedFrom], ["finished", closedAt < 5 ? undefined : closedAt])
          assert.hasAllKeys(versions, ["effect-neuron", "tfjs-core"])
          const { train: steps, validation } = yield* Run.metrics(copy)
          assert.deepStrictEqual(steps!.map(({ step }) => step), range(12))
          assert.deepStrictEqual(validation!.map(({ step }) => step), [4, 8, 12])
          const files = yield* FileSystem.FileSystem, report = yield* files.readFileString(`${copy}/report.html`)
          assert.include(report, "Finished: 12 steps.")
          assert.include((yield* Run.list("runs")).map(({ name }) => name), `closed-${closedAt}-copy`)
        }).pipe(Effect.provide(services()))
      }
    }).pipe(Effect.provide(backend)))

  it.effect("is written by one page at a time", () =>
    Effect.gen(function*() {
      const second: Array<unknown> = []
      yield* train("runs/busy", 3, (step) =>
        step === 2
          ? Effect.map(Effect.flip(train("runs/busy", 3, () => Effect.void)), (error) => second.push(error))
          : Effect.void)
      assert.instanceOf(second[0], Errors.RunBusy)
      assert.strictEqual(
        (second[0] as Error).message,
        "runs/busy is being written by another page or worker of this browser"
      )
      yield* train("runs/busy", 5, () => Effect.void)
      assert.deepStrictEqual((yield* Run.metrics("runs/busy"))["train"]!.map(({ step }) => step), range(5))
    }).pipe(Effect.provide(services())))
})
