import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { readFileSync } from "node:fs"
import { runHere, writeSmallMnist } from "../../support/cli.ts"

const folder = Effect.gen(function*() {
  const path = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
  yield* writeSmallMnist(`${path}/data`, 160, 20)
  return path
})

const json = (path: string) => JSON.parse(readFileSync(path, "utf8"))
const lines = (path: string): ReadonlyArray<Record<string, unknown>> =>
  readFileSync(path, "utf8").trimEnd().split("\n").map((line) => JSON.parse(line))
const mnist = (path: string) => ["mnist", "--data-dir", `${path}/data`]

layer(NodeServices.layer, { excludeTestServices: true })("effect-neuron gan evaluate", (it) => {
  it.effect("judges what it draws with a classifier, in training and after it, resumed or not", () =>
    Effect.gen(function*() {
      const path = yield* folder, classifier = `${path}/classifier`
      assert.isTrue(
        (yield* runHere("train", ...mnist(path), "--model", "mlp", "--epochs", "10", "--out", classifier)).ok
      )
      const train = (...more: ReadonlyArray<string>) =>
        Effect.map(
          runHere("gan", "train", "--data-dir", `${path}/data`, "--sample-every", "4", ...more, "--json"),
          ({ err, ok, out }) => {
            assert.isTrue(ok, err.join())
            return out.map((line) => JSON.parse(line))
          }
        )
      const options = ["--dataset", "mnist", "--model", "mlp", "--conditional", "--batch-size", "32", "--latent", "8"]
      const judging = ["--classifier", classifier]
      const printed = yield* train(...options, ...judging, "--steps", "6", "--out", `${path}/run`)
      const isJudged = (line: Record<string, unknown>) => line["split"] === "judged"
      const metrics = (run: string) =>
        lines(`${path}/${run}/metrics.jsonl`).map((line) => isJudged(line) ? line : Object.assign(line, { time: 0 }))
      const judged = metrics("run").filter(isJudged)
      assert.deepStrictEqual(judged.map(({ step }) => step), [0, 4, 6])
      assert.deepStrictEqual(printed.filter(isJudged), judged)
      for (const line of judged) {
        assert.hasAllKeys(line, [
          ...["split", "step", "images", "frechetDistance", "frechetFloor", "counts", "present", "entropy"],
          ...["confidence", "asAsked"]
        ])
        assert.strictEqual((line["counts"] as ReadonlyArray<number>).reduce((sum, count) => sum + count, 0), 1000)
        assert.isAbove(line["frechetDistance"] as number, 2 * (line["frechetFloor"] as number))
      }
      const { split: _, step: __, ...last } = judged.at(-1)!
      assert.deepStrictEqual(json(`${path}/run/run.json`).results.judged, last)

      const evaluate = (...more: ReadonlyArray<string>) =>
        runHere("gan", "evaluate", `${path}/run`, ...judging, "--data-dir", `${path}/data`, ...more)
      const evaluated = yield* evaluate("--json")
      assert.deepStrictEqual(evaluated.err, [])
      assert.deepStrictEqual(JSON.parse(evaluated.out[0]!), {
        ...{ run: `${path}/run`, checkpoint: `${path}/run/model.safetensors`, classifier, seed: 42 },
        ...last
      })
      const other = JSON.parse((yield* evaluate("--json", "--seed", "7", "--count", "300")).out[0]!)
      assert.deepInclude(other, { seed: 7, images: 300, frechetFloor: last["frechetFloor"] })
      assert.notStrictEqual(other.frechetDistance, last["frechetDistance"])
      const said = (yield* evaluate("--count", "20")).out.join("\n")
      assert.match(
        said,
        /run\/model\.safetensors: 20 images, seed 42\nFréchet distance \d+\.\d\d \(real images \d+\.\d\d\) .*as asked\n/
      )
      assert.match(said, /\nimages of class {2}0: \d+ {2}1: .*\nentropy of the classes \d\.\d{3}, at most 2\.303$/)

      // Nothing of the training depends on the judge. A judgment that a stop has left out is made up for, and one at
      // which a run stops is not there twice.
      const weights = (run: string) => readFileSync(`${path}/${run}/model.safetensors`)
      yield* train(...options, "--steps", "4", "--out", `${path}/late`)
      yield* train(...options, ...judging, "--steps", "4", "--out", `${path}/stopped`)
      const wanted = metrics("run").filter(({ split, step }) => split !== "judged" || step !== 0)
      for (const [run, expected] of [["late", wanted], ["stopped", metrics("run")]] as const) {
        yield* train(...judging, "--steps", "6", "--resume", `${path}/${run}`)
        assert.deepStrictEqual(weights(run), weights("run"))
        assert.deepStrictEqual(metrics(run), expected)
      }
    }))
})
