import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem, Layer, Logger, Stream } from "effect"
import { Backend, Key, Layers, Losses, NdArray, Optimizers, Run, Train } from "effect-neuron"
import { writeReport } from "../../../../src/experiment/report/write.ts"
import { all, parse, text } from "../../../support/html.ts"
import { classified, png } from "../../../support/recorded.ts"

const model = Layers.dense(1), optimizer = Optimizers.sgd(0.1)
const batch = { x: NdArray.make([1, 2], [2, 1]), y: NdArray.make([2, 4], [2, 1]), size: 2 }
const bad = { ...batch, x: NdArray.make([NaN, 2], [2, 1]) }

const temporary = Effect.flatMap(FileSystem.FileSystem, (files) => files.makeTempDirectoryScoped())
const read = (folder: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) => files.readFileString(`${folder}/report.html`))
const noteOf = (written: string) =>
  Effect.map(parse(written), (root) => text(all(root, "p").find(({ attributes }) => attributes["role"] === "note")!))

/** Records a training of some batches. */
const train = (folder: string, batches: ReadonlyArray<typeof batch>, more: { readonly steps?: number } = {}) =>
  Effect.map(
    Train.make(
      Train.init({ model, optimizer, input: [1], key: Key.make(1) }),
      Train.supervised({ model, optimizer, loss: Losses.meanSquaredError })
    ),
    (trainer) =>
      Stream.fromArray(batches).pipe(
        trainer.run,
        Run.record(folder, { trainer, model, input: [1], experiment: "line", resume: "node line.ts", ...more })
      )
  ).pipe(Stream.unwrap)

layer(Layer.merge(Backend.layerWasm, NodeServices.layer))("reports", (it) => {
  it.effect("are written when a run that is recorded ends, however it does", () =>
    Effect.gen(function*() {
      const folder = yield* temporary
      yield* Stream.runDrain(train(`${folder}/whole`, [batch, batch, batch]))
      const whole = yield* read(`${folder}/whole`)
      assert.strictEqual(yield* noteOf(whole), "Finished: 3 steps.")
      const root = yield* parse(whole), { train: lines } = yield* Run.metrics(`${folder}/whole`)
      const [first, last] = [lines![0]!, lines![2]!].map(({ loss }) => (loss as number).toFixed(4))
      assert.include(text(all(root, "desc")[0]!), `from step 1, ${first}, to step 3, ${last}.`)
      assert.deepStrictEqual(all(root, "h1").map(text), ["whole"])

      yield* Stream.runDrain(Stream.take(train(`${folder}/stopped`, [batch, batch, batch]), 2))
      assert.strictEqual(
        yield* noteOf(yield* read(`${folder}/stopped`)),
        "Stopped after 2 steps. It goes on with node line.ts."
      )
      yield* Stream.runDrain(Stream.take(train(`${folder}/taken`, [batch, batch, batch], { steps: 2 }), 2))
      assert.strictEqual(yield* noteOf(yield* read(`${folder}/taken`)), "Finished: 2 of 2 steps.")

      yield* Effect.flip(Stream.runDrain(train(`${folder}/failed`, [batch, bad])))
      const { reason } = yield* Run.read(`${folder}/failed`)
      assert.include(
        yield* noteOf(yield* read(`${folder}/failed`)),
        `Failed after 1 step: ${reason!.replaceAll(/\s+/g, " ")} It goes on with`
      )
    }))

  it.effect("that cannot be written are a warning, and lose no run", () =>
    Effect.gen(function*() {
      const folder = yield* temporary, files = yield* FileSystem.FileSystem, said: Array<unknown> = []
      yield* files.makeDirectory(`${folder}/report.html/something`, { recursive: true })
      const logger = Logger.make<unknown, void>(({ logLevel, message }) => void said.push([logLevel, message]))
      yield* Effect.provide(Stream.runDrain(train(folder, [batch, batch])), Logger.layer([logger]))
      assert.strictEqual((yield* Run.read(folder)).state, "finished")
      assert.match(JSON.stringify(said), /^\[\["Warn",\["the report of .* was not written: /)
    }))

  it.effect("have the name of their folder, or that which a person gave; and the pictures in it", () =>
    Effect.gen(function*() {
      const folder = yield* temporary, files = yield* FileSystem.FileSystem
      const run = { format: 1, experiment: "mine", state: "tested", step: 6, created: "2026-01-02T03:04:05.678Z" }
      const write = (more: object) => files.writeFileString(`${folder}/run.json`, JSON.stringify({ ...run, ...more }))
      yield* write({})
      yield* files.makeDirectory(`${folder}/samples`)
      yield* files.writeFile(`${folder}/samples/step-000004.png`, png)
      yield* files.writeFile(`${folder}/samples/other.png`, png)
      assert.strictEqual(yield* writeReport(`${folder}/`, classified), `${folder}/report.html`)
      const first = yield* parse(yield* read(folder))
      assert.deepStrictEqual(all(first, "h1").map(text), [folder.replace(/^.*\//, "")])
      assert.deepStrictEqual(all(first, "li").map(text).slice(0, 1), ["step 4"])
      assert.lengthOf(all(first, "img"), 2)
      yield* write({ name: "the best" })
      yield* writeReport(folder)
      assert.deepStrictEqual(all(yield* parse(yield* read(folder)), "h1").map(text), ["the best"])

      yield* files.writeFileString(`${folder}/samples/step-000005.png`, "half a picture")
      const error = yield* Effect.flip(writeReport(folder))
      assert.match(error.message, /step-000005\.png: expected a PNG file, found 14 bytes of another/)
      assert.match(
        (yield* Effect.flip(writeReport(`${folder}/none`))).message,
        /expected a run, with its run\.json, found none/
      )
    }))
})
