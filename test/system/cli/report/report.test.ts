import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem, Stream } from "effect"
import { Datasets } from "effect-neuron"
import { decode } from "fast-png"
import { readFileSync, writeFileSync } from "node:fs"
import { runHere, writeSmallMnist } from "../../../support/cli.ts"
import { all, parse, table, text } from "../../../support/html.ts"

const TEST = 100

layer(NodeServices.layer, { excludeTestServices: true })("the report of effect-neuron train", (it) => {
  const small = Effect.gen(function*() {
    const path = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
    yield* writeSmallMnist(`${path}/data`, 320, TEST)
    const train = (run: string, ...more: ReadonlyArray<string>) =>
      Effect.map(
        runHere(
          ...[
            "train",
            "mnist",
            "--validation",
            "0",
            "--data-dir",
            `${path}/data`,
            "--model",
            "mlp",
            "--batch-size",
            "16"
          ],
          ...["--out", `${path}/${run}`, ...more]
        ),
        ({ err, ok }) => assert.isTrue(ok, err.join())
      )
    return { path, train }
  })
  const report = (run: string) => readFileSync(`${run}/report.html`, "utf8")

  it.effect("has the numbers of the run, and the images that were told wrong", () =>
    Effect.gen(function*() {
      const { path, train } = yield* small, run = `${path}/run`
      yield* train("run")
      const { test } = JSON.parse(readFileSync(`${run}/run.json`, "utf8")).results
      const root = yield* parse(report(run))
      const examples = yield* Stream.runCollect(Datasets.digits({ train: 1, test: TEST, pixels: "uint8" }).test)
      const labels = examples.map(({ y }) => y.data[0]!)

      const rows = table(root, /^100 test examples/).slice(1)
      const counts = rows.map((row) => row.slice(1, 11).map(Number))
      counts.forEach((row, label) =>
        assert.strictEqual(row.reduce((a, b) => a + b), labels.filter((other) => other === label).length)
      )
      const right = counts.reduce((sum, row, label) => sum + row[label]!, 0)
      assert.closeTo(right / TEST, test.accuracy, 1e-6)
      const figures = text(all(root, "dl")[0]!)
      assert.include(figures, `test accuracy${(100 * test.accuracy).toFixed(2)} % ${right} of 100 right`)
      assert.include(figures, `test loss${test.loss.toFixed(4)}`)

      const images = all(root, "img")
      assert.lengthOf(images, Math.min(24, TEST - right))
      let before = Infinity
      for (const item of all(root, "li")) {
        const [, label, own, taken, other, loss, index] =
          /^(\d) (\S+) % taken for (\d) (\S+) % loss (\S+), example ([\d,]+)$/.exec(text(item))!.map(Number)
        assert.strictEqual(labels[index!], label)
        assert.notStrictEqual(taken, label)
        assert.isAbove(other!, own!)
        assert.closeTo(Math.exp(-loss!), own! / 100, 0.006)
        assert.isAtMost(loss!, before)
        before = loss!
        const [image] = all(item, "img")
        const png = decode(Buffer.from(image!.attributes["src"]!.split(",")[1]!, "base64"))
        assert.deepStrictEqual(Array.from(png.data), Array.from(examples[index!]!.x.data))
      }
    }))

  it.effect("is the same for equal runs but for their times, and the same again from the files", () =>
    Effect.gen(function*() {
      const { path, train } = yield* small
      for (const run of ["a/run", "b/run"]) {
        yield* train(run)
        const first = report(`${path}/${run}`)
        const again = yield* runHere("report", `${path}/${run}`, "--data-dir", `${path}/data`)
        assert.deepStrictEqual(again.out, [
          `${path}/${run}/report.html: the run, and a test of ${path}/${run}/model.safetensors`
        ])
        assert.strictEqual(report(`${path}/${run}`), first)

        const file = `${path}/${run}/run.json`
        const summary = JSON.parse(readFileSync(file, "utf8"))
        writeFileSync(
          file,
          JSON.stringify({ ...summary, seconds: { train: 1, test: 1, total: 2 }, created: "", command: "", resume: "" })
        )
        yield* runHere("report", `${path}/${run}/model.safetensors`, "--data-dir", `${path}/data`)
      }
      assert.strictEqual(report(`${path}/a/run`), report(`${path}/b/run`))
    }))

  it.effect("takes any name of a folder, and says what is no run", () =>
    Effect.gen(function*() {
      const { path, train } = yield* small, name = `<script>alert("1")&`
      yield* train(name)
      const root = yield* parse(report(`${path}/${name}`))
      assert.strictEqual(text(all(root, "h1")[0]!), name)

      writeFileSync(`${path}/${name}/run.json`, "{}")
      const { err, ok } = yield* runHere("report", `${path}/${name}`, "--data-dir", `${path}/data`)
      assert.isFalse(ok)
      assert.lengthOf(err, 1)
      assert.match(err[0]!, /run\.json: expected a run of format 1, found /)
    }))
})
