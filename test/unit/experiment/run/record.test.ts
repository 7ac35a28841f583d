import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, FileSystem, Layer, PlatformError, Stream } from "effect"
import { Backend, Checkpoint, Errors, Layers, Metrics, Run, Train, Tree } from "effect-neuron"
import { readdirSync, readFileSync } from "node:fs"
import { leavesNoTensor } from "../../../support/backend.ts"
import { inTempFolder, withFiles } from "../../../support/files.ts"
import { batch, batches, init, model, step, supervision } from "../../../support/training.ts"

const make = Train.make(init, step)
type Trainer = Effect.Success<typeof make>

const test = <A, E, R>(use: (run: string, trainer: Trainer) => Effect.Effect<A, E, R>) =>
  inTempFolder((folder) => Effect.flatMap(make, (trainer) => use(`${folder}/run`, trainer))).pipe(leavesNoTensor)

const resumed = (run: string) => Train.make(Checkpoint.resume(run, init), step)

const settings = (trainer: Trainer) => ({ trainer, every: 4, experiment: "bands" })

/** Takes steps from the one that the trainer is at. */
const go = (run: string, trainer: Trainer, taken: number) =>
  Effect.flatMap(trainer.state, ({ step }) =>
    batches.pipe(
      Stream.drop(step),
      Stream.take(taken),
      trainer.run,
      Run.record(run, settings(trainer)),
      Stream.runDrain
    ))

const filesOf = (run: string) => readdirSync(run).sort()
const textOf = (run: string) => readFileSync(`${run}/metrics.jsonl`, "utf8")
const stepsOf = (run: string) => Effect.map(Run.metrics(run), ({ train = [] }) => train.map(({ step }) => step))
const range = (n: number) => Array.from({ length: n }, (_, i) => i + 1)
const values = (tree: Tree.Tree) => Tree.leaves(tree).map((x) => Array.from(x.dataSync()))

const full = (method: string) =>
  PlatformError.systemError({
    ...{ _tag: "Unknown", module: "FileSystem", method },
    cause: new Error("ENOSPC: no space left on device")
  })

layer(Layer.mergeAll(Backend.layerWasm, NodeServices.layer))("Run.record", (it) => {
  it.effect("leaves a run that says what was done, and holds its lock meanwhile", () =>
    test((run, trainer) =>
      Effect.gen(function*() {
        const seen: Array<readonly [state: string, files: ReadonlyArray<string>]> = []
        yield* Stream.take(batches, 10).pipe(
          Stream.map((batch, i) => ({ ...batch, epoch: Math.floor(i / 6), endOfEpoch: i === 5 })),
          trainer.run,
          Train.validating({ ...supervision, trainer, batches: Stream.make(batch(99)), every: 5 }),
          Run.record(run, {
            ...settings(trainer),
            ...{ model, input: [8, 8, 1], steps: 10, config: { rate: 0.01, layers: Float32Array.of(4) } },
            ...{ name: "first", command: "node bands.ts", classes: ["a", "b", "c", "d"] }
          }),
          Stream.tap(({ step }) =>
            step === 1 || step === 4
              ? Effect.map(Run.read(run), ({ state }) => seen.push([state, filesOf(run)]))
              : Effect.void
          ),
          Stream.runDrain
        )
        assert.deepStrictEqual(seen, [
          ["running", ["metrics.jsonl", "run.json", "run.lock"]],
          ["running", ["metrics.jsonl", "model.safetensors", "run.json", "run.lock"]]
        ])
        assert.deepStrictEqual(filesOf(run), [
          "best.safetensors",
          "metrics.jsonl",
          "model.safetensors",
          "report.html",
          "run.json"
        ])
        const { created, networks, results, updated, versions, ...said } = yield* Run.read(run)
        assert.deepStrictEqual(said as object, {
          ...{ format: 1, experiment: "bands", kind: "supervised", state: "finished", step: 10, steps: 10 },
          ...{ name: "first", command: "node bands.ts", backend: "wasm", classes: ["a", "b", "c", "d"] },
          ...{ config: { rate: 0.01, layers: [4] }, shapes: { x: [8, 8, 1] }, seconds: { train: 0 } },
          model: JSON.parse(JSON.stringify(yield* Effect.fromResult(Layers.describe(model))))
        })
        assert.deepStrictEqual([created, updated], Array(2).fill("1970-01-01T00:00:00.000Z"))
        assert.hasAllKeys(versions, ["effect-neuron", "tfjs-core", "node"])
        assert.deepStrictEqual(networks!["model"], yield* Layers.summary(model, [8, 8, 1]))

        const { train, validation, ...others } = yield* Run.metrics(run)
        assert.deepStrictEqual(others, {})
        assert.deepStrictEqual(train!.map(({ step }) => step), range(10))
        assert.hasAllKeys(train![4], ["split", "step", "epoch", "endOfEpoch", "size", "time", "loss", "accuracy"])
        assert.deepStrictEqual(validation!.map(({ step }) => step), [5, 10])
        const last = yield* Train.evaluate(Stream.make(batch(99)), supervision, trainer)
        const { [Metrics.mergeable]: _, ...figures } = last
        assert.deepStrictEqual(validation![1], { split: "validation", step: 10, ...figures })
        assert.deepStrictEqual(results!["validation"], figures)
        // The second epoch has four steps.
        const mean = train!.slice(6).reduce((sum, { loss }) => sum + (loss as number), 0) / 4
        assert.approximately(results!["train"]!["loss"] as number, mean, 1e-9)
        assert.strictEqual(results!["train"]!["size"], 64)
        const saved = yield* Checkpoint.list(run), best = saved.find(({ path }) => path.endsWith("best.safetensors"))!
        const losses = validation!.map(({ loss }) => loss as number), least = Math.min(...losses)
        assert.deepStrictEqual([best.step, best.value], [5 * (losses.indexOf(least) + 1), least])
        assert.deepStrictEqual(results!["best"], { step: best.step, value: least })
        const restored = yield* Checkpoint.model(`${run}/model.safetensors`, { kinds: Layers.kinds })
        assert.deepStrictEqual(values(restored.weights.params as Tree.Tree), values((yield* trainer.state).params))
      })
    ))

  it.effect("goes on from any kill to the weights and lines of a run that was never stopped", () =>
    test((run, trainer) =>
      Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem
        yield* go(run, trainer, 12)
        const lines = textOf(run), weights = values(yield* trainer.state)
        for (const killedAt of [1, 3, 4, 6, 8, 12]) {
          const other = `${run}-${killedAt}`, copy = `${other}-killed`
          // What a kill would leave: a copy of the folder, with its lock, from the middle of a run.
          yield* Effect.scoped(Effect.gen(function*() {
            const first = yield* make
            yield* Stream.take(batches, 12).pipe(
              first.run,
              Run.record(other, settings(first)),
              Stream.tap(({ step }) => step === killedAt ? files.copy(other, copy) : Effect.void),
              Stream.runDrain
            )
          }))
          yield* files.writeFileString(`${copy}/metrics.jsonl`, "{\"split\":\"train\",\"ste", { flag: "a" })
          // The process that wrote it is this one; a copy is another run, and has no lock.
          yield* files.remove(`${copy}/run.lock`)
          const again = yield* resumed(copy), { step: from } = yield* again.state
          assert.strictEqual(from, Math.floor(killedAt / 4) * 4)
          yield* go(copy, again, 12 - from)
          assert.strictEqual(textOf(copy), lines)
          assert.deepStrictEqual(values(yield* again.state), weights)
          const said = yield* Run.read(copy)
          assert.deepStrictEqual([said.state, said.step, said.resumedFrom], [
            "finished",
            12,
            from === 0 ? undefined : from
          ])
        }
      })
    ))

  it.effect("is stopped when it is interrupted and when no more is taken, and goes on", () =>
    test((run, trainer) =>
      Effect.gen(function*() {
        const reached = yield* Deferred.make<void>()
        const fiber = yield* batches.pipe(
          trainer.run,
          Run.record(run, { ...settings(trainer), steps: 9 }),
          Stream.tap(({ step }) =>
            step === 2 ? Effect.andThen(Deferred.succeed(reached, undefined), Effect.never) : Effect.void
          ),
          Stream.runDrain,
          Effect.forkChild
        )
        yield* Deferred.await(reached)
        yield* Fiber.interrupt(fiber)
        const state = Effect.map(Run.read(run), ({ state, step }) => [state, step])
        assert.deepStrictEqual(yield* state, ["stopped", 2])
        assert.deepStrictEqual(yield* stepsOf(run), [1, 2])
        assert.deepStrictEqual(filesOf(run), ["metrics.jsonl", "model.safetensors", "report.html", "run.json"])

        const take = (n: number) =>
          Effect.gen(function*() {
            const again = yield* resumed(run)
            yield* batches.pipe(
              again.run,
              Run.record(run, { ...settings(again), steps: 9 }),
              Stream.take(n),
              Stream.runDrain
            )
          })
        yield* take(3)
        assert.deepStrictEqual(yield* state, ["stopped", 5])
        // All steps that there are to be.
        yield* take(4)
        assert.deepStrictEqual(yield* state, ["finished", 9])
        assert.deepStrictEqual(yield* stepsOf(run), range(9))
      })
    ))

  it.effect("has failed with the reason, and keeps the lines and the last checkpoint", () =>
    test((run, trainer) =>
      Effect.gen(function*() {
        const nan = { ...batch(0), x: { ...batch(0).x, data: new Float32Array(16 * 64).fill(NaN) } }
        const error = yield* Stream.take(batches, 6).pipe(
          Stream.concat(Stream.make(nan)),
          trainer.run,
          Run.record(run, settings(trainer)),
          Stream.runDrain,
          Effect.flip
        )
        assert.strictEqual(error._tag, "NonFiniteError")
        const said = yield* Run.read(run)
        assert.deepStrictEqual([said.state, said.reason, said.step], ["failed", error.message, 6])
        assert.deepStrictEqual(yield* stepsOf(run), range(6))
        assert.strictEqual((yield* Checkpoint.list(run))[0]!.step, 4)
        yield* go(run, yield* resumed(run), 2)
        assert.deepStrictEqual(yield* stepsOf(run), range(6))
        assert.notProperty(yield* Run.read(run), "reason")
      })
    ))

  it.effect("keeps what was said of it, and what it does not know", () =>
    test((run, trainer) =>
      Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem
        yield* Stream.take(batches, 2).pipe(
          trainer.run,
          Run.record(run, { ...settings(trainer), command: "first" }),
          Stream.runDrain
        )
        const changed = {
          ...yield* Run.read(run),
          created: "2020-01-02T00:00:00.000Z",
          name: "renamed",
          note: "good",
          mine: [1]
        }
        yield* files.writeFileString(`${run}/run.json`, JSON.stringify(changed))
        const again = yield* resumed(run)
        yield* Stream.take(batches, 2).pipe(
          again.run,
          Run.record(run, { ...settings(again), command: "second", resume: "again" }),
          Stream.runDrain
        )
        assert.deepInclude((yield* Run.read(run)) as object, {
          ...{ created: changed.created, name: "renamed", note: "good", mine: [1], command: "first", resume: "again" }
        })
      })
    ))

  it.effect("refuses a folder that somebody writes, or that holds what the training has not done", () =>
    test((run, trainer) =>
      Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem
        const refused = (trainer: Trainer, experiment = "bands") =>
          Stream.take(batches, 1).pipe(
            trainer.run,
            Run.record(run, { ...settings(trainer), experiment }),
            Stream.runDrain,
            Effect.flip
          )
        const busy: Array<unknown> = []
        const other = yield* make
        yield* Stream.take(batches, 6).pipe(
          trainer.run,
          Run.record(run, settings(trainer)),
          Stream.tap(({ step }) => step === 2 ? Effect.map(refused(other), (error) => busy.push(error)) : Effect.void),
          Stream.runDrain
        )
        assert.instanceOf(busy[0], Errors.RunBusy)
        assert.deepStrictEqual(yield* stepsOf(run), range(6))
        const before = readFileSync(`${run}/run.json`, "utf8"), lines = textOf(run)
        assert.match(
          (yield* refused(other)).message,
          /begins at step 0, found .*model\.safetensors of step 6: go on from/
        )
        assert.match((yield* refused(yield* resumed(run), "x")).message, /a run of x, found one of bands/)
        yield* files.rename(`${run}/model.safetensors`, `${run}/elsewhere`)
        assert.match((yield* refused(other)).message, /begins at step 0, found a run that is finished, of 6 steps$/)
        yield* files.writeFileString(`${run}/model.safetensors`, "mine")
        assert.match((yield* refused(other)).message, /model\.safetensors: is in the way/)
        assert.deepStrictEqual([readFileSync(`${run}/run.json`, "utf8"), textOf(run)], [before, lines])
        yield* files.remove(`${run}/model.safetensors`)
        yield* files.writeFileString(`${run}/run.json`, "{}")
        assert.match((yield* refused(other)).message, /run\.json: expected a run of format 1/)
        yield* files.remove(`${run}/run.json`)
        assert.match((yield* refused(other)).message, /expected the folder of a run, found metrics\.jsonl without/)
        assert.strictEqual((yield* other.state).step, 0)
        assert.strictEqual(textOf(run), lines)
      })
    ))

  it.effect("begins anew what was killed before its first checkpoint, and removes what a kill has left", () =>
    test((run, trainer) =>
      Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem, copy = `${run}-killed`
        yield* Stream.take(batches, 3).pipe(
          trainer.run,
          Run.record(run, settings(trainer)),
          Stream.tap(({ step }) => step === 3 ? files.copy(run, copy) : Effect.void),
          Stream.runDrain
        )
        const half = "00000000-0000-4000-8000-000000000000.partial"
        yield* Effect.forEach(
          ["run.json", "metrics.jsonl", "model.safetensors", "run.lock", "film.mkv"],
          (name) => files.writeFileString(`${copy}/${name}.${half}`, "half")
        )
        yield* files.writeFileString(
          `${copy}/metrics.jsonl`,
          "{\"split\":\"train\",\"step\":1}\n{\"split\":\"train\",\"step\":2}\n"
        )
        yield* files.remove(`${copy}/run.lock`)
        yield* go(copy, yield* resumed(copy), 2)
        assert.deepStrictEqual(yield* stepsOf(copy), [1, 2])
        assert.property((yield* Run.metrics(copy))["train"]![0], "loss")
        assert.deepStrictEqual(filesOf(copy), [
          `film.mkv.${half}`,
          "metrics.jsonl",
          "model.safetensors",
          "report.html",
          "run.json"
        ])
      })
    ))

  it.effect("has a checkpoint of its own from the start where it goes on from one elsewhere", () =>
    test((run, trainer) =>
      Effect.gen(function*() {
        yield* go(run, trainer, 5)
        const other = yield* resumed(`${run}/model.safetensors`)
        yield* go(`${run}-on`, other, 0)
        assert.strictEqual((yield* Checkpoint.list(`${run}-on`))[0]!.step, 5)
        assert.deepInclude(yield* Run.read(`${run}-on`), { step: 5, resumedFrom: 5, state: "finished" })
      })
    ))

  it.effect("has the lines of all steps of a checkpoint, with a trainer that reads several together", () =>
    test((run) =>
      Effect.gen(function*() {
        const saved: Array<readonly [checkpoint: number, line: number]> = []
        const trainer = yield* Train.make(init, step, { readEvery: 4 })
        yield* Stream.take(batches, 22).pipe(
          trainer.run,
          Run.record(run, { ...settings(trainer), every: 3 }),
          Stream.runDrain,
          withFiles((files) => ({
            rename: (from, to) =>
              Effect.tap(files.rename(from, to), () =>
                to.endsWith("model.safetensors")
                  ? Effect.gen(function*() {
                    const [{ step }] = (yield* Effect.orDie(Checkpoint.list(run))) as [Checkpoint.Saved]
                    saved.push([step, (yield* Effect.orDie(stepsOf(run))).at(-1)!])
                  }).pipe(Effect.provideService(FileSystem.FileSystem, files))
                  : Effect.void)
          }))
        )
        assert.deepStrictEqual(saved, [4, 8, 12, 16, 20, 22].map((step) => [step, step] as const))
      })
    ))

  it.effect("fails typed when the disk is full, with the older checkpoint and the older lines whole", () =>
    test((run, trainer) =>
      Effect.gen(function*() {
        const isThere = (name: string) => (path: string) => path.includes(`${run}/${name}`)
        let steps = 0
        const failing = (name: string, from: number, whole: boolean) =>
          withFiles((files) => ({
            open: (path, options) =>
              isThere(name)(path) && steps >= from ? Effect.fail(full("open")) : files.open(path, options),
            writeFile: (path, bytes, options) =>
              isThere(name)(path) && options?.flag === "a" && steps >= from
                ? Effect.andThen(
                  whole ? Effect.void : files.writeFile(path, bytes.subarray(0, bytes.length - 5), options),
                  Effect.fail(full("writeFile"))
                )
                : files.writeFile(path, bytes, options)
          }))
        const run10 = (trainer: Trainer) =>
          batches.pipe(
            Stream.tap(() => Effect.sync(() => steps++)),
            trainer.run,
            Run.record(run, settings(trainer)),
            Stream.take(10),
            Stream.runDrain,
            Effect.exit
          )
        const first = yield* run10(trainer).pipe(failing("model.safetensors", 7, true))
        assert.isTrue(Exit.isFailure(first))
        const error = Exit.isFailure(first) ? first.cause.reasons[0] : undefined
        assert.match(
          String(error?._tag === "Fail" ? error.error : error),
          /model\.safetensors: cannot be written: ENOSPC/
        )
        assert.strictEqual((yield* Checkpoint.list(run))[0]!.step, 4)
        assert.deepStrictEqual(yield* stepsOf(run), range(8))
        assert.deepInclude(yield* Run.read(run), { state: "failed", step: 8 })
        assert.match((yield* Run.read(run)).reason!, /ENOSPC/)

        steps = 0
        const again = yield* resumed(run)
        const second = yield* run10(again).pipe(failing("metrics.jsonl", 3, false))
        const cause = Exit.isFailure(second) ? second.cause.reasons[0] : undefined
        assert.match(
          String(cause?._tag === "Fail" ? cause.error : cause),
          /metrics\.jsonl: expected a file to append to/
        )
        assert.deepStrictEqual(yield* stepsOf(run), range(4))
        assert.isTrue(textOf(run).endsWith("}\n"))
        assert.strictEqual((yield* Checkpoint.list(run))[0]!.step, 4)
        yield* go(run, yield* resumed(run), 3)
        assert.deepStrictEqual(yield* stepsOf(run), range(7))
      })
    ))

  it.effect("takes its stream first, too; refuses wrong settings at once", () =>
    test((run, trainer) =>
      Effect.gen(function*() {
        yield* Stream.runDrain(Run.record(trainer.run(Stream.take(batches, 2)), run, settings(trainer)))
        assert.strictEqual((yield* Run.read(run)).step, 2)
        assert.throws(
          () => Run.record(run, { trainer, every: 0 }),
          RangeError,
          /Run\.record: every is a positive integer/
        )
        assert.throws(() => Run.record(run, { trainer, mode: "least" as "min" }), RangeError, /mode is "min" or "max"/)
        const circle: { [name: string]: unknown } = {}
        circle["itself"] = circle
        for (const config of [circle, { big: 1n }]) {
          assert.throws(
            () => Run.record(run, { trainer, config }),
            RangeError,
            /config is a value of JSON, got an object/
          )
        }
        const wrong = Run.record(trainer.run(batches), `${run}-2`, { trainer, model, input: [3] })
        assert.strictEqual((yield* Effect.flip(Stream.runDrain(wrong)))._tag, "ShapeError")
      })
    ))
})
