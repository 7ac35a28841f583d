import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Backend, NdArray, Run } from "effect-neuron"
import * as Remote from "effect-neuron/remote"
import * as RemoteNode from "effect-neuron/remote/node"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { Worker } from "node:worker_threads"
import { runHere } from "../../support/cli.ts"
import { plane } from "./plane.ts"

layer(NodeServices.layer)("an experiment in a worker", (it) => {
  const root = mkdtempSync(join(tmpdir(), "effect-neuron-remote-"))
  const module = new URL("./planeWorker.ts", import.meta.url), env = { ...process.env, RUN: join(root, "run") }
  const worker = RemoteNode.layerWorker(() => new Worker(module, { env }))

  it.effect("is started with what is not the default, asked, recorded, and gone on with", () =>
    Effect.gen(function*() {
      yield* Effect.addFinalizer(() => Effect.sync(() => rmSync(root, { recursive: true })))
      const client = yield* Remote.connect(plane)
      const wrong = yield* Effect.flip(client.start({ epochs: 0 }))
      assert.include(wrong.message, "configuration of plane, epochs: expected a whole number from 1 on, found ")
      const unseen = yield* Effect.flip(client.start({ labels: ["other"] }))
      assert.strictEqual(
        unseen.message,
        "show of plane, target as class: expected 2 classes, for predictions [2], found 1"
      )
      yield* client.start({ epochs: 2 })
      const points = yield* Stream.runCollect(client.watch())
      assert.strictEqual(points.at(-1)!.step, 2 * 9)
      assert.isNumber(points.at(-1)!["validation.loss"])
      const { config, networks, steps } = (yield* client.about) as {
        readonly config: object
        readonly networks: { readonly model: { readonly parameters: number } }
        readonly steps: number
      }
      assert.include(config, { epochs: 2, hidden: 4 })
      assert.deepStrictEqual([networks.model.parameters, steps], [2 * 4 + 4 + 4 * 2 + 2, 18])
      const logits = (yield* client.predict(NdArray.make([[1, 1]]))) as NdArray.NdArray
      assert.deepStrictEqual(logits.shape, [1, 2])
      const judged = yield* client.evaluate, tested = yield* client.test
      assert.deepInclude(judged, { step: 18, split: "validation", size: 22 })
      assert.closeTo(judged.metrics["loss"]!, points.at(-1)!["validation.loss"] as number, 1e-6)
      assert.deepInclude(tested, { step: 18, split: "test", size: 20 })
      assert.notStrictEqual(tested.metrics["loss"], judged.metrics["loss"])
      const run = yield* Run.read(join(root, "run"))
      assert.deepStrictEqual([run.experiment, run.state, run.step], ["plane", "finished", 18])

      yield* client.start({ epochs: 3 })
      const more = yield* Stream.runCollect(client.watch())
      assert.deepStrictEqual([more[0]!.step, more.at(-1)!.step], [19, 27])
      assert.strictEqual((yield* Run.metrics(join(root, "run")))["train"]?.length, 27)

      // What it gives out, and what it has recorded, is what the command line takes, which is told whose it is.
      const file = join(root, "given.safetensors"), { "validation.loss": loss } = more.at(-1)!
      writeFileSync(file, yield* client.checkpoint)
      for (const path of [file, join(root, "run")]) {
        const named = ["--experiment", fileURLToPath(new URL("./plane.ts", import.meta.url)), "--split", "validation"]
        const { err, out } = yield* runHere("evaluate", path, ...named, "--json")
        assert.strictEqual(err.join(), "")
        assert.deepInclude(JSON.parse(out[0]!), { experiment: "plane", step: 27 })
        assert.closeTo(JSON.parse(out[0]!).loss, loss as number, 1e-6)
        assert.match(
          (yield* runHere("evaluate", path)).err.join(),
          /: expected the file that exports the experiment plane, found no name of one; give its file by --experiment/
        )
      }
    }).pipe(Effect.scoped, Effect.provide([worker, Backend.layerCpu])))
})
