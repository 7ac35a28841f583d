import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { Safetensors } from "effect-neuron"
import { encode } from "fast-png"
import { readdirSync, readFileSync } from "node:fs"
import { addLines } from "../../../dashboard/app/state/runs.ts"
import { empty, lastOf } from "../../../dashboard/app/state/series.ts"
import type { Others } from "../../../dashboard/app/state/series.ts"
import { copyAt, interruptAt, kill, runHere, writeSmallMnist } from "../../support/cli.ts"

/** A folder with the data set in `data`, gone with the test. */
const folder = Effect.gen(function*() {
  const path = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
  yield* writeSmallMnist(`${path}/data`)
  return path
})

const json = (path: string) => JSON.parse(readFileSync(path, "utf8"))
const lines = (
  path: string
): ReadonlyArray<{ readonly step: number; readonly split: string; readonly time?: number }> =>
  readFileSync(path, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line))

layer(NodeServices.layer, { excludeTestServices: true })("effect-neuron train", (it) => {
  it.effect("trains, tests and leaves a run folder that evaluate and predict read", () =>
    Effect.gen(function*() {
      const path = yield* folder, run = `${path}/run`
      const data = ["--data-dir", `${path}/data`]
      const trained = yield* runHere(
        "train",
        ...[
          "mnist",
          ...data,
          "--model",
          "mlp",
          "--validation",
          "0",
          "--epochs",
          "3",
          "--batch-size",
          "32",
          "--out",
          run
        ]
      )
      assert.deepStrictEqual(trained.err, [])
      assert.isTrue(trained.ok)
      assert.deepStrictEqual(readdirSync(run).sort(), [
        ...["metrics.jsonl", "model.safetensors", "report.html", "run.json"]
      ])

      const said = json(`${run}/run.json`), { test } = said.results
      assert.deepInclude(said, {
        ...{ format: 1, experiment: "mnist", kind: "supervised", state: "tested", step: 60, steps: 60 },
        ...{ stepsPerEpoch: 20, backend: "wasm", threads: 1, shapes: { x: [28, 28, 1], y: [] } },
        resume: `effect-neuron train --resume ${run}`
      })
      assert.match(said.command, /^effect-neuron train mnist --data-dir \S+ --model mlp --validation 0 --epochs 3 /)
      assert.deepStrictEqual(said.config, {
        ...{ model: "mlp", epochs: 3, batchSize: 32, learningRate: 3e-3, schedule: "cosine", validation: 0 },
        ...{ patience: 0, seed: 42, optimizer: "adam", examples: 60_000 }
      })
      assert.hasAllKeys(said.versions, ["effect-neuron", "tfjs-core", "node"])
      assert.hasAllKeys(said.seconds, ["train", "test", "total"])
      const metrics = lines(`${run}/metrics.jsonl`)
      assert.deepStrictEqual(
        metrics.filter(({ split }) => split === "train").map(({ step }) => step),
        Array.from({ length: 60 }, (_, i) => i + 1)
      )
      assert.deepStrictEqual(metrics.at(-1), { split: "test", step: 60, ...test })
      assert.isAbove(test.accuracy, 0.5)
      assert.match(trained.out.at(-4)!, /^test accuracy \d+\.\d\d %/)
      assert.isTrue(trained.out.slice(-3).every((line) => line.includes(run)))
      const [, ...shown] = trained.out, first = shown.findIndex((line) => line.startsWith("epoch"))
      assert.match(shown[1]!, /^layer +kind +output +parameters +multiply-adds$/)
      assert.match(
        shown.find((line) => line.startsWith("hidden"))!,
        /^hidden +dense\(128\) +\[128\] +100,480 +100,352$/
      )
      assert.match(shown[first - 2]!, /^total +407\.1 kB +101,770 +101,632$/)
      assert.isTrue(shown.slice(0, first).every((line) => line.length <= 80))
      assert.strictEqual(said.networks.model.parameters, 101_770)
      assert.match(shown[first]!, /^epoch 1\/3 {2}step 2\/20 .* {2}[\d,]+ examples\/s {2}\d+:\d\d left$/)
      assert.match(trained.out.at(-5)!, /^epoch 3\/3 {2}step 20\/20 .* {2}[\d,]+ examples\/s {2}\d+:\d\d in all$/)
      // How fast it went is told by the times alone.
      assert.isTrue(metrics.every((line) => !("examplesPerSecond" in line)))
      const times = metrics.filter(({ split }) => split === "train").map(({ time }) => time!)
      times.reduce((before, time) => {
        assert.isAtLeast(time, before)
        return time
      }, 0)
      assert.isAtLeast(said.seconds.train, times.at(-1)!)

      const evaluated = yield* runHere("evaluate", run, ...data, "--json")
      assert.deepStrictEqual(JSON.parse(evaluated.out[0]!), {
        ...{ run, checkpoint: `${run}/model.safetensors`, step: 60, experiment: "mnist", split: "test" },
        ...test
      })

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
      assert.strictEqual(answer.checkpoint, `${run}/model.safetensors`)
      const { out } = yield* runHere("predict", run, png)
      assert.strictEqual(out[0], `${run}/model.safetensors, step 60`)
      assert.match(out[1]!, /one\.png: 1 {2}\(1 \d+\.\d\d %, /)

      // The same picture in color, with 16 bits, and black on white.
      const rgba = Uint16Array.from(
        { length: 28 * 28 * 4 },
        (_, i) => i % 4 === 3 ? 65535 : 65535 - 257 * pixels[i >> 2]!
      )
      const other = encode({ width: 28, height: 28, data: rgba, channels: 4, depth: 16 })
      yield* (yield* FileSystem.FileSystem).writeFile(png, other)
      const inverted = JSON.parse((yield* runHere("predict", run, png, "--invert", "--json")).out[0]!)
      answer.probabilities.forEach((p: number, i: number) => assert.approximately(inverted.probabilities[i], p, 1e-4))
    }))

  it.effect("prints JSON lines for programs", () =>
    Effect.gen(function*() {
      const path = yield* folder
      const { out } = yield* runHere(
        "train",
        ...["mnist", "--data-dir", `${path}/data`, "--model", "mlp", "--validation", "0", "--epochs", "2", "--json"],
        ...["--out", `${path}/run`]
      )
      const printed = out.map((line) => JSON.parse(line))
      assert.deepStrictEqual(printed.slice(0, -1).map(({ epoch, step }) => [epoch, step]), [[0, 10], [1, 20]])
      assert.isTrue(printed.slice(0, -1).every(({ examplesPerSecond }) => examplesPerSecond > 0))
      assert.hasAllKeys(printed.at(-1), ["folder", "step", "train", "test", "seconds"])
    }))

  it.effect("interrupted, or killed, it goes on to the weights and the metrics of a run that was never stopped", () =>
    Effect.gen(function*() {
      const path = yield* folder, files = yield* FileSystem.FileSystem
      yield* writeSmallMnist(`${path}/data`, 160)
      const args = (out: string) => [
        ...[
          "train",
          "mnist",
          "--data-dir",
          `${path}/data`,
          "--model",
          "cnn",
          "--validation",
          "0.1",
          "--batch-size",
          "16"
        ],
        ...["--epochs", "12", "--checkpoint-every", "7", "--out", `${path}/${out}`]
      ]
      // What is there when the step after a checkpoint is shown is what a kill leaves then.
      const ran = yield* copyAt(/^epoch 3.* step 4\/9 /, [`${path}/straight`, `${path}/killed`], ...args("straight"))
      assert.isTrue(ran.ok, ran.err.join())
      const straight = yield* files.readFile(`${path}/straight/model.safetensors`)

      const said = yield* interruptAt(/ step 4\/9 /, ...args("stopped"))
      assert.match(said.at(-1)!, /^stopped after step (\d+); go on with: effect-neuron train --resume/)
      assert.strictEqual(json(`${path}/stopped/run.json`).state, "stopped")
      assert.match(readFileSync(`${path}/stopped/report.html`, "utf8"), /Stopped after \d+ of 108 steps/)

      const left = yield* files.readFile(`${path}/killed/model.safetensors`)
      const { metadata } = yield* Effect.fromResult(Safetensors.decode(left, "killed"))
      assert.strictEqual(JSON.parse(metadata["numbers"]!).step, 21)
      yield* files.writeFileString(
        `${path}/killed/model.safetensors.${crypto.randomUUID()}.partial`,
        "half a checkpoint"
      )

      // The page has the validation of the last step and the test of it, each by its name.
      const course = { train: empty(), others: {} as Others }
      addLines(course, lines(`${path}/straight/metrics.jsonl`))
      const { results } = json(`${path}/straight/run.json`)
      for (const split of ["validation", "test"]) {
        assert.strictEqual(course.others[split]!.steps.at(-1), 108)
        for (const name of ["loss", "accuracy"]) {
          assert.strictEqual(lastOf(course.others[split]!, name), results[split][name], `${split} ${name}`)
        }
      }

      // No step is in the metrics twice, and none is missing.
      const steps = (run: string) => lines(`${path}/${run}/metrics.jsonl`).map(({ split, step }) => `${split} ${step}`)
      for (const run of ["stopped", "killed"]) {
        const resumed = yield* runHere("train", "--resume", `${path}/${run}`, "--data-dir", `${path}/data`)
        assert.deepStrictEqual(resumed.err, [])
        assert.deepStrictEqual(yield* files.readFile(`${path}/${run}/model.safetensors`), straight)
        assert.deepStrictEqual(steps(run), steps("straight"))
        // Nor is anything left of a write that the kill interrupted.
        assert.deepStrictEqual(readdirSync(`${path}/${run}`).sort(), readdirSync(`${path}/straight`).sort())
      }
    }))

  it.effect("saves at Ctrl-C in a process of its own, and exits with 130", () =>
    Effect.gen(function*() {
      const path = yield* folder, run = `${path}/run`
      const { code, output } = yield* kill(
        "SIGINT",
        /step 2\//,
        ...["train", "mnist", "--data-dir", `${path}/data`, "--model", "mlp", "--validation", "0"],
        ...["--epochs", "10000", "--out", run]
      )
      assert.strictEqual(code, 130, output)
      const [, step] = /stopped after step (\d+); go on with: /.exec(output)!
      assert.deepInclude(json(`${run}/run.json`), { state: "stopped", step: Number(step) })
      const left = yield* (yield* FileSystem.FileSystem).readFile(`${run}/model.safetensors`)
      const { metadata } = yield* Effect.fromResult(Safetensors.decode(left, "stopped"))
      assert.strictEqual(JSON.parse(metadata["numbers"]!).step, Number(step))
    }))

  it.effect("goes on from a checkpoint that is named in a run of its own, and names what evaluate and predict use", () =>
    Effect.gen(function*() {
      const path = yield* folder, run = `${path}/run`, files = yield* FileSystem.FileSystem
      const data = ["--data-dir", `${path}/data`]
      const train = (epochs: number, ...more: ReadonlyArray<string>) =>
        runHere("train", ...[
          "mnist",
          ...data,
          "--model",
          "mlp",
          "--validation",
          "0",
          "--epochs",
          String(epochs),
          ...more
        ])
      yield* train(1, "--out", run)
      yield* files.copyFile(`${run}/model.safetensors`, `${run}/epoch1.safetensors`)
      const epoch1 = yield* files.readFile(`${run}/epoch1.safetensors`)
      yield* runHere("train", "--resume", run, ...data, "--epochs", "2")
      const later = yield* files.readFile(`${run}/model.safetensors`)

      const refused = yield* runHere("train", "--resume", `${run}/epoch1.safetensors`, ...data, "--epochs", "2")
      assert.isFalse(refused.ok)
      assert.match(
        refused.err.join(),
        /goes on in its own folder from its model\.safetensors; .* epoch1\.safetensors, give/
      )
      const branch = yield* runHere(
        ...["train", "--resume", `${run}/epoch1.safetensors`, "--out", `${path}/branch`, ...data, "--epochs", "2"]
      )
      assert.isTrue(branch.ok, branch.err.join())
      assert.include(branch.out[0], `going on from ${run}/epoch1.safetensors at step 11`)
      assert.deepStrictEqual(yield* files.readFile(`${path}/branch/model.safetensors`), later)
      assert.deepStrictEqual(yield* files.readFile(`${run}/epoch1.safetensors`), epoch1)
      assert.deepStrictEqual(yield* files.readFile(`${run}/model.safetensors`), later)
      assert.deepStrictEqual(lines(`${path}/branch/metrics.jsonl`).map(({ step }) => step).slice(0, 2), [11, 12])
      assert.strictEqual(json(`${path}/branch/run.json`).resumedFrom, 10)

      const evaluate = (which: string) =>
        Effect.map(runHere("evaluate", which, ...data, "--json"), ({ out }) => JSON.parse(out[0]!))
      const [one, two] = [yield* evaluate(`${run}/epoch1.safetensors`), yield* evaluate(run)]
      assert.deepStrictEqual([one.checkpoint, one.step], [`${run}/epoch1.safetensors`, 10])
      assert.deepStrictEqual([two.checkpoint, two.step], [`${run}/model.safetensors`, 20])
      assert.notStrictEqual(one.loss, two.loss)
      assert.match(
        (yield* runHere("evaluate", `${run}/epoch1.safetensors`, ...data)).out[0]!,
        /run\/epoch1\.safetensors, step 10, on mnist: accuracy/
      )
      assert.match(
        (yield* runHere("report", `${run}/epoch1.safetensors`, ...data)).out[0]!,
        /run\/report\.html: the run, and a test of .*epoch1\.safetensors$/
      )
    }))

  it.effect("removes only what it has itself left of a write, and can begin or go on wherever it was killed", () =>
    Effect.gen(function*() {
      const path = yield* folder, run = `${path}/run`, files = yield* FileSystem.FileSystem
      const data = ["--data-dir", `${path}/data`]
      const train = (...more: ReadonlyArray<string>) =>
        runHere("train", ...["mnist", ...data, "--model", "mlp", "--validation", "0", ...more])
      const half = `model.safetensors.${crypto.randomUUID()}.partial`
      const others = ["film.mkv.partial", `film.mkv.${crypto.randomUUID()}.partial`, "model.safetensors.partial"]
      yield* files.makeDirectory(run)
      for (const name of [half, ...others]) yield* files.writeFileString(`${run}/${name}`, "half of it")

      // Killed before the first checkpoint: the folder is that of a new run.
      assert.isTrue((yield* train("--out", run)).ok)
      const left = Effect.map(
        files.readDirectory(run),
        (names) => names.filter((name) => name.endsWith(".partial")).sort()
      )
      assert.deepStrictEqual(yield* left, [...others].sort())
      const finished = json(`${run}/run.json`), metrics = readFileSync(`${run}/metrics.jsonl`, "utf8")

      // Killed right behind the first checkpoint, which is all that there is.
      yield* files.remove(`${run}/run.json`)
      yield* files.remove(`${run}/metrics.jsonl`)
      yield* files.writeFileString(`${run}/${half}`, "half of it")
      assert.isTrue((yield* train("--resume", run)).ok)
      assert.deepStrictEqual(yield* left, [...others].sort())

      // Killed between the last save and the end: the test and the report are made.
      yield* files.writeFileString(
        `${run}/metrics.jsonl`,
        metrics.split("\n").filter((line) => !line.includes("test")).join("\n")
      )
      yield* files.writeFileString(`${run}/run.json`, JSON.stringify({ ...finished, state: "running" }))
      const resumed = yield* train("--resume", run)
      assert.isTrue(resumed.ok, resumed.err.join())
      const { results, state, step } = json(`${run}/run.json`)
      assert.deepStrictEqual({ results, state, step }, { results: finished.results, state: "tested", step: 10 })
      assert.strictEqual(readFileSync(`${run}/metrics.jsonl`, "utf8"), metrics)
      const again = yield* train("--resume", run)
      assert.match(again.err.join(), /is finished, 10 of 10 steps: give more --epochs/)
    }))
})
