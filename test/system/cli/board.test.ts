import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { readdirSync, readFileSync } from "node:fs"
import { runHere, writeSmallMnist } from "../../support/cli.ts"
import { readEvents, tagged } from "../../support/events.ts"
import { parse, text } from "../../support/html.ts"

layer(NodeServices.layer, { excludeTestServices: true })("effect-neuron train --tensorboard", (it) => {
  it.effect("shows every tenth step, the weights at checkpoints and the test, and goes on in a new file", () =>
    Effect.gen(function*() {
      const path = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped(), board = `${path}/board/run`
      yield* writeSmallMnist(`${path}/data`, 320, 100)
      const events = () => readdirSync(board).sort().map((name) => readEvents(readFileSync(`${board}/${name}`)))
      const trained = yield* runHere(
        ...[
          "train",
          "mnist",
          "--data-dir",
          `${path}/data`,
          "--model",
          "mlp",
          "--validation",
          "0",
          "--batch-size",
          "16"
        ],
        ...["--out", `${path}/run`, "--tensorboard", board, "--checkpoint-every", "15"]
      )
      assert.isTrue(trained.ok, trained.err.join())
      const { test } = JSON.parse(readFileSync(`${path}/run/run.json`, "utf8")).results
      const [first] = events()
      assert.deepStrictEqual(first![0], { step: 0, version: "brain.Event:2", start: false, values: [] })
      const logged = readFileSync(`${path}/run/metrics.jsonl`, "utf8").trimEnd().split("\n").map((line) =>
        JSON.parse(line)
      )
      for (const measure of ["loss", "accuracy"] as const) {
        assert.deepStrictEqual(
          tagged(first!, `train/${measure}`).map(([step, { simple }]) => [step, simple]),
          [10, 20].map((step) => [step, Math.fround(logged[step - 1][measure])])
        )
        assert.deepStrictEqual(tagged(first!, `test/${measure}`).map(([step, { simple }]) => [step, simple]), [
          [20, Math.fround(test[measure])]
        ])
      }
      const rates = tagged(first!, "learning_rate").map(([, { simple }]) => simple!)
      // Half a cosine over 20 steps; the update of step n is the one after n - 1 others.
      rates.forEach((rate, i) => assert.closeTo(rate, 3e-3 * (1 + Math.cos(Math.PI * (10 * i + 9) / 20)) / 2, 1e-9))
      for (const leaf of ["hidden.kernel", "hidden.bias", "head.kernel", "head.bias"]) {
        const weights = tagged(first!, `weights/${leaf}`)
        assert.deepStrictEqual(weights.map(([step, { kind }]) => [step, kind]), [
          [0, "histogram"],
          [15, "histogram"],
          [20, "histogram"]
        ])
      }
      assert.deepStrictEqual(tagged(first!, "test/mistakes").map(([step, { kind }]) => [step, kind]), [[20, "image"]])

      const resumed = yield* runHere(
        ...["train", "--resume", `${path}/run`, "--data-dir", `${path}/data`, "--epochs", "2", "--tensorboard", board]
      )
      assert.isTrue(resumed.ok, resumed.err.join())
      const [before, after] = events()
      assert.deepStrictEqual(before, first)
      assert.deepStrictEqual(after!.slice(0, 2).map(({ start, step, version }) => [step, start, version]), [
        [0, false, "brain.Event:2"],
        [21, true, undefined]
      ])
      assert.deepStrictEqual(tagged(after!, "train/loss").map(([step]) => step), [30, 40])
      assert.deepStrictEqual(tagged(after!, "weights/head.bias").map(([step]) => step), [40])
      const root = yield* parse(readFileSync(`${path}/run/report.html`, "utf8"))
      assert.match(text(root), /Durations training\d/)
      // The test after the first epoch, and the one after the second.
      const tests = readFileSync(`${path}/run/metrics.jsonl`, "utf8").trimEnd().split("\n").filter((line) =>
        line.includes(`"test"`)
      )
      assert.lengthOf(tests, 2)
    }))
})
