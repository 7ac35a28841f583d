import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { Safetensors } from "effect-neuron"
import { encode } from "fast-png"
import { readdirSync, readFileSync } from "node:fs"
import { runHere, start, writeSmallMnist } from "../../support/cli.ts"

/** A folder with the data set in `data`, gone with the test. */
const folder = Effect.gen(function*() {
  const path = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
  yield* writeSmallMnist(`${path}/data`)
  return path
})

const json = (path: string) => JSON.parse(readFileSync(path, "utf8"))
const lines = (path: string): ReadonlyArray<{ readonly step: number; readonly split: string }> =>
  readFileSync(path, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line))

layer(NodeServices.layer, { excludeTestServices: true })("effect-neuron train", (it) => {
  it.effect("trains, tests and leaves a run folder that evaluate and predict read", () =>
    Effect.gen(function*() {
      const path = yield* folder, run = `${path}/run`
      const data = ["--data-dir", `${path}/data`]
      const trained = yield* runHere(
        "train",
        ...["--dataset", "mnist", ...data, "--model", "mlp", "--epochs", "3", "--batch-size", "32", "--out", run]
      )
      assert.deepStrictEqual(trained.err, [])
      assert.isTrue(trained.ok)
      assert.deepStrictEqual(readdirSync(run).sort(), [
        ...["metrics.jsonl", "model.safetensors", "report.html", "summary.json"]
      ])

      const summary = json(`${run}/summary.json`)
      assert.deepInclude(summary, { status: "finished", step: 60 })
      assert.deepStrictEqual(summary.config, {
        dataset: "mnist",
        model: "mlp",
        epochs: 3,
        batchSize: 32,
        learningRate: 3e-3,
        seed: 42,
        backend: "wasm"
      })
      assert.hasAllKeys(summary.versions, ["effect-neuron", "tfjs-core", "node"])
      assert.hasAllKeys(summary.seconds, ["train", "test", "total"])
      const metrics = lines(`${run}/metrics.jsonl`)
      assert.deepStrictEqual(
        metrics.filter(({ split }) => split === "train").map(({ step }) => step),
        Array.from({ length: 60 }, (_, i) => i + 1)
      )
      assert.deepStrictEqual(metrics.at(-1), { split: "test", step: 60, ...summary.test })
      assert.isAbove(summary.test.accuracy, 0.5)
      assert.match(trained.out.at(-4)!, /^test accuracy \d+\.\d\d %/)
      assert.isTrue(trained.out.slice(-3).every((line) => line.includes(run)))
      assert.match(trained.out[1]!, /^epoch 1\/3 {2}step 2\/20 .* {2}[\d,]+ examples\/s {2}\d+:\d\d left$/)
      assert.match(trained.out.at(-5)!, /^epoch 3\/3 {2}step 20\/20 .* {2}[\d,]+ examples\/s {2}\d+:\d\d in all$/)
      // Equal runs write equal files: how fast they went is shown, and not written.
      assert.isTrue(metrics.every((line) => !("examplesPerSecond" in line)))

      const evaluated = yield* runHere("evaluate", run, ...data, "--json")
      assert.deepStrictEqual(JSON.parse(evaluated.out[0]!), { run, dataset: "mnist", ...summary.test })

      const pixels = new Uint8Array(28 * 28)
      for (let row = 4; row < 24; row++) pixels.fill(255, row * 28 + 13, row * 28 + 15)
      const png = `${path}/one.png`
      yield* (yield* FileSystem.FileSystem).writeFile(png, encode({ width: 28, height: 28, data: pixels, channels: 1 }))
      const predicted = yield* runHere("predict", run, png, png, "--json")
      assert.strictEqual(predicted.out.length, 2)
      const answer = JSON.parse(predicted.out[0]!)
      assert.strictEqual(answer.class, "1")
      assert.strictEqual(answer.probabilities.length, 10)
      assert.approximately(answer.probabilities.reduce((a: number, b: number) => a + b), 1, 1e-6)
      assert.match((yield* runHere("predict", run, png)).out[0]!, /one\.png: 1 {2}\(1 \d+\.\d\d %, /)

      // The same picture in color, with 16 bits, and black on white.
      const rgba = Uint16Array.from({ length: 28 * 28 * 4 }, (_, i) =>
        i % 4 === 3 ? 65535 : 65535 - 257 * pixels[i >> 2]!)
      const other = encode({ width: 28, height: 28, data: rgba, channels: 4, depth: 16 })
      yield* (yield* FileSystem.FileSystem).writeFile(png, other)
      const inverted = JSON.parse((yield* runHere("predict", run, png, "--invert", "--json")).out[0]!)
      answer.probabilities.forEach((p: number, i: number) =>
        assert.approximately(inverted.probabilities[i], p, 1e-4)
      )
    }))

  it.effect("prints JSON lines for programs", () =>
    Effect.gen(function*() {
      const path = yield* folder
      const { out } = yield* runHere(
        "train",
        ...["--dataset", "mnist", "--data-dir", `${path}/data`, "--model", "mlp", "--epochs", "2", "--json"],
        ...["--out", `${path}/run`]
      )
      const printed = out.map((line) => JSON.parse(line))
      assert.deepStrictEqual(printed.slice(0, -1).map(({ epoch, step }) => [epoch, step]), [[0, 10], [1, 20]])
      assert.isTrue(printed.slice(0, -1).every(({ examplesPerSecond }) => examplesPerSecond > 0))
      assert.hasAllKeys(printed.at(-1), ["split", "folder", "step", "train", "test", "seconds"])
    }))

  it.effect(
    "stops at Ctrl-C with exit code 130 and a checkpoint; kill -9 leaves the last one whole; " +
      "resuming gives the weights of a run that was never stopped",
    () =>
      Effect.gen(function*() {
        const path = yield* folder
        const args = (out: string, epochs: number) => [
          ...["--dataset", "mnist", "--data-dir", `${path}/data`, "--model", "cnn", "--batch-size", "16"],
          ...["--epochs", String(epochs), "--checkpoint-every", "7", "--out", out]
        ]
        const files = yield* FileSystem.FileSystem
        yield* runHere("train", ...args(`${path}/straight`, 3))
        const straight = yield* files.readFile(`${path}/straight/model.safetensors`)

        const stopped = start("train", ...args(`${path}/stopped`, 3))
        yield* Effect.promise(() => stopped.seen(/step 4\/40/))
        stopped.child.kill("SIGINT")
        assert.strictEqual((yield* Effect.promise(() => stopped.ended)).code, 130)
        assert.match(stopped.output(), /stopped after step (\d+); go on with --resume/)
        assert.strictEqual(json(`${path}/stopped/summary.json`).status, "interrupted")
        assert.match(readFileSync(`${path}/stopped/report.html`, "utf8"), /Interrupted after \d+ of 120 steps/)
        assert.isTrue((yield* runHere("train", "--resume", `${path}/stopped`, "--data-dir", `${path}/data`)).ok)
        assert.deepStrictEqual(yield* files.readFile(`${path}/stopped/model.safetensors`), straight)

        const killed = start("train", ...args(`${path}/killed`, 3))
        yield* Effect.promise(() => killed.seen(/step 24\/40/))
        killed.child.kill("SIGKILL")
        assert.strictEqual((yield* Effect.promise(() => killed.ended)).signal, "SIGKILL")
        const left = yield* files.readFile(`${path}/killed/model.safetensors`)
        const { metadata } = yield* Effect.fromResult(Safetensors.decode(left, "killed"))
        const at = JSON.parse(metadata["numbers"]!).step
        assert.isAtLeast(at, 21)
        assert.strictEqual(at % 7, 0)
        yield* files.writeFileString(`${path}/killed/model.safetensors.0.partial`, "half a checkpoint")
        const resumed = yield* runHere("train", "--resume", `${path}/killed`, "--data-dir", `${path}/data`)
        assert.deepStrictEqual(resumed.err, [])
        assert.deepStrictEqual(yield* files.readFile(`${path}/killed/model.safetensors`), straight)

        // No step is in the metrics twice, and none is missing.
        const steps = (run: string) =>
          lines(`${path}/${run}/metrics.jsonl`).map(({ split, step }) => `${split} ${step}`)
        assert.deepStrictEqual(steps("killed"), steps("straight"))
        assert.deepStrictEqual(steps("stopped"), steps("straight"))
        // Nor is anything left of a write that the kill interrupted.
        assert.deepStrictEqual(readdirSync(`${path}/killed`).sort(), readdirSync(`${path}/straight`).sort())
      })
  )
})
