import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { interruptAt, refuses, runHere, writeSmallMnist } from "../../../support/cli.ts"
import { all, parse, table, text } from "../../../support/html.ts"
import { asksForNothing } from "../../../support/report.ts"

layer(NodeServices.layer, { excludeTestServices: true })("the report of effect-neuron gan train", (it) => {
  const small = Effect.gen(function*() {
    const path = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped(), data = ["--data-dir", `${path}/data`]
    yield* writeSmallMnist(`${path}/data`, 160, 20)
    const mlp = ["gan", "train", "--dataset", "mnist", "--model", "mlp", "--batch-size", "16", "--latent", "8"]
    const run = (...args: ReadonlyArray<string>) =>
      Effect.map(runHere(...args), ({ err, ok, out }) => {
        assert.isTrue(ok, err.join())
        return out
      })
    const train = (...args: ReadonlyArray<string>) => run(...mlp, ...data, ...args)
    const resume = (...args: ReadonlyArray<string>) => run("gan", "train", ...data, "--resume", ...args)
    return { path, data, mlp, run, train, resume }
  })
  const report = (run: string) => readFileSync(`${run}/report.html`, "utf8")
  const lines = (run: string): ReadonlyArray<Record<string, number>> =>
    readFileSync(`${run}/metrics.jsonl`, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line))

  it.effect("has the numbers and the pictures of the run, also after it went on", () =>
    Effect.gen(function*() {
      const { path, data, resume, run, train } = yield* small, folder = `${path}/run`
      yield* run("train", "mnist", "--model", "mlp", ...data, "--out", `${path}/classifier`)
      const judging = ["--classifier", `${path}/classifier`, "--sample-every", "2"]
      const out = yield* train("--conditional", "--steps", "19", "--out", folder, ...judging)
      assert.isTrue(out.some((line) => line.startsWith(folder) && line.includes("report.html")), out.join("\n"))

      const check = (steps: number, pictures: number) =>
        Effect.gen(function*() {
          const written = report(folder), root = yield* parse(written), files = readdirSync(`${folder}/samples`)
          assert.lengthOf(files.filter((name) => name.startsWith("step-")), pictures)
          const shown = asksForNothing(written)
          assert.lengthOf(shown, 8)
          const at = all(root, "li").map((item) => Number(/^step (\d+)$/.exec(text(item))![1]))
          assert.deepStrictEqual([at[0], at.at(-1)], [0, steps])
          shown.forEach((source, i) => {
            const file = `step-${String(at[i]).padStart(6, "0")}.png`
            assert.strictEqual(source, `data:image/png;base64,${readFileSync(`${folder}/samples/${file}`, "base64")}`)
          })
          const judged = lines(folder).filter((line) => "frechetDistance" in line)
          assert.deepStrictEqual(
            table(root, /each step at which it looked/).slice(1).map(([step, distance]) => [step, distance]),
            judged.map(({ frechetDistance, step }) => [String(step), frechetDistance!.toFixed(2)])
          )
          assert.include(text(all(root, "dl")[0]!), `Fréchet distance${judged.at(-1)!["frechetDistance"]!.toFixed(2)} `)
          const trained = lines(folder).filter((line) => "criticLoss" in line)
          assert.lengthOf(trained, steps)
          // 160 examples are ten batches.
          const mean = trained.slice(0, 10).reduce((sum, { criticLoss }) => sum + criticLoss!, 0) / 10
          const epochs = table(root, /of each epoch/)
          assert.deepStrictEqual(epochs[1]!.slice(0, 2), ["1", "1 to 10"])
          assert.strictEqual(epochs[1]![epochs[0]!.indexOf("critic loss")], mean.toFixed(4))
          return text(root)
        })
      yield* check(19, 11)
      // What `gan sample` leaves beside the pictures is of other noise.
      yield* run("gan", "sample", folder)
      yield* resume(folder, "--steps", "24", ...judging)
      // Times are of the whole run.
      assert.match(yield* check(24, 14), /Durations training\d/)
    }))

  it.effect("is the same for equal runs but for their times, and the same again from the files", () =>
    Effect.gen(function*() {
      const { path, run, train } = yield* small
      for (const name of ["a/run", "b/run"]) {
        const folder = `${path}/${name}`
        yield* train("--steps", "6", "--sample-every", "3", "--out", folder)
        yield* run("gan", "sample", folder)
        const first = report(folder)
        assert.deepStrictEqual(yield* run("report", folder), [`${folder}/report.html`])
        assert.strictEqual(report(folder), first)

        const file = `${folder}/run.json`, summary = JSON.parse(readFileSync(file, "utf8"))
        writeFileSync(file, JSON.stringify({ ...summary, seconds: { train: 1 }, created: "", command: "", resume: "" }))
        yield* run("report", `${folder}/model.safetensors`)
      }
      // Commands in it name the folder.
      assert.strictEqual(report(`${path}/a/run`), report(`${path}/b/run`).replaceAll(`${path}/b/`, `${path}/a/`))
    }))

  it.effect("is written when a run fails; without pictures and cut short it is a report still", () =>
    Effect.gen(function*() {
      const { path, data, mlp, run } = yield* small, folder = `${path}/run`
      const failed = yield* runHere(
        ...[...mlp, ...data, "--steps", "40", "--generator-learning-rate", "1e38", "--out", folder]
      )
      assert.isFalse(failed.ok)
      const { reason, state, step } = JSON.parse(readFileSync(`${folder}/run.json`, "utf8"))
      assert.strictEqual(state, "failed")
      assert.include(text(yield* parse(report(folder))), `Failed after ${step} of 40 steps: ${reason}`)

      rmSync(`${folder}/samples`, { recursive: true })
      writeFileSync(`${folder}/metrics.jsonl`, `${readFileSync(`${folder}/metrics.jsonl`, "utf8")}{"step":9,"crit`)
      yield* run("report", folder)
      const written = report(folder)
      assert.lengthOf(asksForNothing(written), 0)
      assert.notInclude(text(yield* parse(written)), "Samples")
    }))

  it.effect("is written when it is interrupted, and says how the run goes on", () =>
    Effect.gen(function*() {
      const { path, data, mlp } = yield* small, folder = `${path}/run`
      const out = yield* interruptAt(
        /step \d+\//,
        ...[...mlp, ...data, "--steps", "1000", "--sample-every", "7", "--out", folder]
      )
      const [, step] = /^stopped after step (\d+);/.exec(out.at(-1)!)!
      const root = yield* parse(report(folder))
      assert.include(
        text(root),
        `Stopped after ${Number(step).toLocaleString("en-US")} of 1,000 steps. ` +
          `It goes on with effect-neuron train --resume ${folder}.`
      )
      assert.include(all(root, "li").map(text), "step 0")
    }))

  it.effect("says what is no run, and what is no picture", () =>
    Effect.gen(function*() {
      const { path, train } = yield* small, folder = `${path}/run`
      yield* train("--steps", "1", "--out", folder)
      writeFileSync(`${folder}/samples/step-000001.png`, "half a picture")
      yield* refuses(/step-000001\.png: expected a PNG file, found 14 bytes of another/, "report", folder)
      writeFileSync(`${folder}/run.json`, "{}")
      yield* refuses(/run\.json: expected a run of format 1, found /, "report", folder)
    }))
})
