import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem, Stream } from "effect"
import { Text } from "effect-neuron"
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { refuses, runHere } from "../../support/cli.ts"

const json = (path: string) => JSON.parse(readFileSync(path, "utf8"))

/** A folder with a text, and what trains a small model on it. */
const folder = Effect.gen(function*() {
  const files = yield* FileSystem.FileSystem, path = yield* files.makeTempDirectoryScoped()
  yield* files.writeFileString(`${path}/text.txt`, yield* Stream.mkString(Text.stories({ length: 4000 })))
  return path
})

const small = ["--units", "12", "--features", "8", "--time", "16", "--examples", "60", "--batch-size", "6"]

layer(NodeServices.layer, { excludeTestServices: true })("a language model", (it) => {
  it.effect("is trained on a text, goes on with others, and is evaluated, asked and gone on with", () =>
    Effect.gen(function*() {
      const path = yield* folder, run = `${path}/run`, text = ["--text", `${path}/text.txt`]
      const trained = yield* runHere(
        ...["train", "gru", ...text, ...small, "--epochs", "2", "--sample-every", "8", "--out", run]
      )
      assert.isTrue(trained.ok, trained.err.join())
      const said = json(`${run}/run.json`), out = trained.out.join("\n")
      assert.deepInclude(said, { experiment: "gru", state: "tested", step: 20, steps: 20 })
      assert.match(out, /^sample at step 8: "[^\n]+"$/m)
      assert.match(out, /^test perplexity [\d.]+, bits per character [\d.]+, loss [\d.]+, on \d+ examples/m)
      assert.match(out, new RegExp(`^go on with a text: .* generate ${run} --prompt 'some text'$`, "m"))
      assert.match(out, /, samples \(texts\)$/m)
      const samples = readdirSync(`${run}/samples`).sort()
      assert.deepStrictEqual(samples, [0, 8, 16, 20].map((step) => `step-0000${String(step).padStart(2, "0")}.json`))
      const { prompt, text: sample } = json(`${run}/samples/step-000020.json`)
      assert.deepStrictEqual([prompt.length, sample.length], [16, 200])
      const report = readFileSync(`${run}/report.html`, "utf8")
      assert.include(report, "How the model goes on with a text after so many steps")
      assert.strictEqual(report.split("<figure class=\"text\">").length, 5)

      const generate = (...options: ReadonlyArray<string>) => runHere("generate", run, "--length", "20", ...options)
      const first = yield* generate("--prompt", "There was"), lines = first.out.join("\n")
      assert.isTrue(lines.startsWith("There was") && lines.length === 29, lines)
      assert.deepStrictEqual((yield* generate("--prompt", "There was")).out, first.out)
      assert.notDeepEqual((yield* generate("--prompt", "There was", "--seed", "1")).out, first.out)
      const [said20] = (yield* generate("--prompt", "There was", "--json")).out
      assert.deepStrictEqual(JSON.parse(said20!), {
        ...{ run, checkpoint: `${run}/model.safetensors`, prompt: "There was", seed: 0 },
        text: lines.slice(9)
      })
      const beams = yield* generate("--prompt", "There was", "--beams", "3")
      assert.lengthOf(beams.out, 3)
      for (const line of beams.out) assert.match(line, /^-?\d+\.\d{3} {2}".{5,}"$/)
      assert.isTrue((yield* generate("--temperature", "0", "--top-k", "3", "--top-p", "0.9", "--stop", "e")).ok)

      const evaluated = yield* runHere("evaluate", run, "--json")
      assert.deepInclude(JSON.parse(evaluated.out[0]!), { experiment: "gru", step: 20, ...said.results.test })
      const predicted = yield* runHere("predict", run, "There was once")
      assert.match(predicted.out[1]!, /^"There was once": ".{14}"$/)
      const resumed = yield* runHere("train", "--resume", run, "--epochs", "3")
      assert.isTrue(resumed.ok, resumed.err.join())
      assert.deepInclude(json(`${run}/run.json`), { step: 30, resumedFrom: 20 })
      assert.isTrue(existsSync(`${run}/samples/step-000030.json`))

      const files = yield* FileSystem.FileSystem, broken = `${run}/samples/step-000008.json`
      yield* files.writeFileString(broken, "{")
      yield* refuses(/step-000008\.json: expected a sample of text, found another file$/, "report", run)
      yield* refuses(/^text, character 3: expected one of the \d+ characters .* found "ß" \(U\+00DF\)$/, ...[
        "generate",
        run,
        "--prompt",
        "Stßt"
      ])
      yield* refuses(/^--top-k: expected a whole number from 1 on, found 0/, "generate", run, "--top-k", "0")
      yield* refuses(/^--top-p: expected a number above 0 and up to 1, found 2/, "generate", run, "--top-p", "2")
      yield* refuses(/^--repetition-penalty: expected a number above 0, such as 0.001, found 0/, ...[
        "generate",
        run,
        "--repetition-penalty",
        "0"
      ])
    }).pipe(Effect.scoped))

  it.effect("has no text to go on with without its file, and no other experiment has one", () =>
    Effect.gen(function*() {
      const path = yield* folder
      yield* refuses(
        /^nowhere.txt: expected a file to read, found no such file$/,
        ...["train", "rnn", "--text", "nowhere.txt", "--out", `${path}/run`]
      )
      assert.isFalse(existsSync(`${path}/run`))
      const digits = ["--model", "small-mlp", "--examples", "64", "--epochs", "1", "--out", `${path}/digits`]
      assert.isTrue((yield* runHere("train", "digits", ...digits)).ok)
      yield* refuses(/digits: expected a language model, found one without a tokenizer$/, "generate", `${path}/digits`)
      yield* refuses(/nothing\/model.safetensors/, "generate", `${path}/nothing`)
    }).pipe(Effect.scoped))
})
