import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, layer } from "@effect/vitest"
import { Effect, Result } from "effect"
import { Layers } from "effect-neuron"
import { cpSync, readFileSync } from "node:fs"
import { copyAt, interruptAt, refuses, runHere } from "../../support/cli.ts"
import { fileOf, folderWith, sums } from "../../support/ownExperiments.ts"

const json = (path: string) => JSON.parse(readFileSync(path, "utf8"))

layer(NodeServices.layer, { excludeTestServices: true })("an experiment of one's own", (it) => {
  it.effect("is trained, evaluated, gone on with and reported by its file", () =>
    Effect.gen(function*() {
      const path = yield* folderWith({ "sums.ts": fileOf(sums("sums")) }), run = `${path}/runs/a`
      const trained = yield* runHere("train", `${path}/sums.ts`, "--hidden", "6", "--out", run)
      assert.isTrue(trained.ok, trained.err.join())
      const said = json(`${run}/run.json`)
      assert.deepInclude(said, { experiment: "sums", state: "tested", step: 12, steps: 12, file: "../../sums.ts" })
      const described = Layers.describe(
        Layers.named({ hidden: Layers.dense(6), bends: Layers.relu, head: Layers.dense(1) })
      )
      assert.deepStrictEqual(said.model, Result.getOrThrow(described))
      assert.deepInclude(said, { sizes: { train: 35, validation: 15, test: 10 } })
      assert.notProperty(said, "models")
      assert.deepInclude(said.config, { epochs: 3, hidden: 6, kind: "relu", biased: true })
      const evaluated = yield* runHere("evaluate", run, "--json")
      assert.deepInclude(JSON.parse(evaluated.out[0]!), { experiment: "sums", step: 12, ...said.results.test })
      const validated = yield* runHere("evaluate", run, "--split", "validation", "--json")
      assert.deepInclude(JSON.parse(validated.out[0]!), { split: "validation", ...said.results.validation })
      const resumed = yield* runHere("train", "--resume", run, "--epochs", "5")
      assert.isTrue(resumed.ok, resumed.err.join())
      assert.deepInclude(json(`${run}/run.json`), { step: 20, resumedFrom: 12 })
      assert.match((yield* runHere("report", run)).out[0]!, /report\.html: the run, and a test of /)
    }))

  it.effect("made longer and killed is as long, and as patient, as it would have been", () =>
    Effect.gen(function*() {
      const path = yield* folderWith({ "longer.ts": fileOf(sums("longer")) }), run = `${path}/run`
      // It learns nothing: no validation is better than the first one.
      const still = ["--learning-rate", "1e-30", "--patience", "2", "--epochs", "20", "--out", run]
      assert.isTrue((yield* runHere("train", `${path}/longer.ts`, ...still)).ok)
      assert.deepInclude(json(`${run}/run.json`), { state: "tested", step: 12, steps: 80 })
      // Before the first save, and one validation of the two that patience waits for later.
      const early = `${path}/early`, late = `${path}/late`, longer = ["--epochs", "22", "--checkpoint-every", "1"]
      const copied = copyAt(/^epoch 4\/22 .*step 4\//, [run, late], "train", "--resume", run, ...longer)
      cpSync(run, `${path}/again`, { recursive: true })
      yield* copyAt(/^going on/, [`${path}/again`, early], "train", "--resume", `${path}/again`, ...longer)
      assert.isTrue((yield* copied).ok)
      const left = [early, late].map((folder) => json(`${folder}/run.json`))
      assert.deepStrictEqual(left.map(({ state, step }) => [state, step]), [["starting", 12], ["running", 16]])
      // How long it takes all together is not known before it is over again.
      assert.deepStrictEqual(left.map(({ seconds }) => Object.keys(seconds)), [["train"], ["train"]])
      for (const folder of [early, late]) assert.isTrue((yield* runHere("train", "--resume", folder)).ok)
      for (const folder of [run, early, late]) {
        const { patienceFrom, state, step, steps } = json(`${folder}/run.json`)
        assert.deepStrictEqual([state, step, steps, patienceFrom], ["tested", 20, 88, 12], folder)
        assert.deepStrictEqual(
          readFileSync(`${folder}/metrics.jsonl`, "utf8").replaceAll(/,"time":[\d.]+/g, ""),
          readFileSync(`${run}/metrics.jsonl`, "utf8").replaceAll(/,"time":[\d.]+/g, "")
        )
      }
    }))

  it.effect("is one of several that a file exports, by its name", () =>
    Effect.gen(function*() {
      const both = "export const { small, large } = { small: sums, large: { ...sums, name: \"large\" } }"
      const path = yield* folderWith({
        "both.ts": fileOf(sums("sums").replace("export const sums", "const sums"), both)
      })
      const file = `${path}/both.ts`, run = `${path}/run`
      assert.isTrue((yield* runHere("train", `${file}#large`, "--epochs", "1", "--out", run)).ok)
      assert.deepInclude(json(`${run}/run.json`), { experiment: "large", file: "../both.ts#large" })
      yield* refuses(
        /both\.ts: expected one experiment among its exports, found (large, small|small, large); choose one by /,
        "train",
        file
      )
      yield* refuses(/expected an experiment named other, found (large, small|small, large)/, "train", `${file}#other`)
    }))

  it.effect("is refused in one line where its file gives none, or one that cannot be trained from here", () =>
    Effect.gen(function*() {
      const path = yield* folderWith({
        "open.ts": "export const a = 1\nexport const b = (\n",
        "none.ts": "export const a = 1\n",
        "fine.ts": `${fileOf(sums("fine"))}\nexport default fine\n`,
        "schema.ts": fileOf(sums("schema").replace("config: Schema.Struct(", "config: ((fields: any) => fields)(")),
        "throws.ts": "throw new Error(\"no luck\")\n"
      })
      const train = (name: string) => ["train", `${path}/${name}`]
      // The same one as the default too is one.
      for (const name of ["fine.ts", "fine.ts#"]) assert.isTrue((yield* runHere("summary", `${path}/${name}`)).ok)
      yield* refuses(/open\.ts cannot be loaded: /, ...train("open.ts"))
      yield* refuses(/none\.ts: expected one experiment among its exports, found none$/, ...train("none.ts"))
      yield* refuses(/throws\.ts cannot be loaded: no luck \(\/\S+\/throws\.ts:1:7\)$/, ...train("throws.ts"))
      yield* refuses(/^\S+: expected a file that exports an experiment, found a folder$/, "train", path)
      yield* refuses(/^"": expected an experiment, /, "train", "")
      yield* refuses(/^--out: expected a folder, found nothing /, "train", `${path}/fine.ts`, "--out", "")
      yield* refuses(/^--epochs: expected a whole number, found nothing /, "train", "--epochs")
      yield* refuses(
        /none\.ts: cannot be read: a file where a folder has to be$/,
        "train",
        "--resume",
        `${path}/none.ts`
      )
      yield* refuses(
        /schema\.ts cannot be loaded: Experiment\.supervised: config is a Schema, got another object \(\S+\/schema\.ts:/,
        ...train("schema.ts")
      )
      yield* refuses(
        /missing\.ts: expected an experiment, mnist, digits, generator, gpt, lstm, gru, rnn or a file/,
        ...train("missing.ts")
      )
    }))

  it.effect("has its fields as options, with their defaults, and wrong values are refused by name", () =>
    Effect.gen(function*() {
      const path = yield* folderWith({ "fields.ts": fileOf(sums("fields")) }), file = `${path}/fields.ts`
      const help = (yield* runHere("train", file, "--help")).out.join("\n")
      assert.match(help, /^ +fields: train it,/m)
      assert.match(
        (yield* runHere("train", "--help")).out.join("\n"),
        /MNIST, or generated digits where it is not to be/
      )
      assert.match(help, /--hidden integer +Units of the hidden layer \(default: 4\)/)
      assert.match(help, /--kind choice +What bends \(default: relu\) \(choices: relu, tanh\)/)
      assert.match(help, /--biased +Whether there is a bias \(default: true\)/)
      assert.match(help, /--batch-size, -b integer .*\(default: 10\)/)
      yield* refuses(/^--hidden: expected a whole number from 1 on, found 0 /, "train", file, "--hidden", "0")
      yield* refuses(/^--kind: expected "relu" \| "tanh", found x /, "train", file, "--kind", "x")
      for (const wrong of ["zero", "0", "1.5", "1e99", " "]) {
        const found = `^--hidden: expected a whole number from 1 on, found ${wrong} \\(see --help\\)$`
        yield* refuses(new RegExp(found), "train", file, "--hidden", wrong)
      }
      yield* refuses(/^--hidden: expected a whole number from 1 on, found nothing /, "train", file, "--hidden=")
      yield* refuses(
        /^--validation: expected a number from 0 and below 1, found 2 /,
        "train",
        file,
        "--validation",
        "2"
      )
      const summary = yield* runHere("summary", file, "--hidden", "9", "--json")
      const { networks, sizes, steps } = JSON.parse(summary.out[0]!)
      assert.deepStrictEqual([networks.model.parameters, sizes.train + sizes.validation, sizes.test, steps], [
        ...[9 * 3 + 10, 50, 10, 3 * Math.ceil(sizes.train / 10)]
      ])
      const shown = yield* runHere("summary", file)
      assert.match(
        shown.out.join("\n"),
        /^fields: \d+ examples to train with, \d+ to validate, 10 to test, 12 steps\n+layer/
      )
    }))

  it.effect("can have fields that are called as options of a command are, which are given by config.", () =>
    Effect.gen(function*() {
      const text = (name: string) => `${name}: Experiment.option(Schema.String, "x", "${name} of its own")`
      const fields = [
        ...["out", "help", "dataDir", "batchsize", "noJson"].map(text),
        `"batch-size": Schema.optionalKey(Schema.Int)`
      ]
      const path = yield* folderWith({ "taken.ts": fileOf(sums("taken", fields.join(",\n    "))) })
      const file = `${path}/taken.ts`, run = `${path}/run`
      const given = ["--config.out", "a", "--config.help=b", "--config.noJson", "c", "--config.batchSize", "25"]
      const trained = yield* runHere("train", file, "--epochs", "1", "--out", run, "--batchsize", "d", ...given)
      assert.isTrue(trained.ok, trained.err.join())
      const { config, steps } = json(`${run}/run.json`)
      assert.deepInclude(config, { out: "a", help: "b", noJson: "c", batchSize: 25, batchsize: "d", dataDir: "x" })
      assert.strictEqual(steps, 2)
      const help = (yield* runHere("train", file, "--help")).out.join("\n")
      assert.match(help, /--config\.out string +out of its own/)
      assert.match(help, /--out, -o DIR/)
      const summary = yield* runHere("summary", file, "--config.dataDir", "e", "--json")
      assert.deepInclude(JSON.parse(summary.out[0]!).config, { dataDir: "e", out: "x" })
    }))

  it.effect("is stopped where it is interrupted before its first step", () =>
    Effect.gen(function*() {
      const path = yield* folderWith({ "early.ts": fileOf(sums("early")) }), run = `${path}/run`
      const out = yield* interruptAt(/^training early/, "train", `${path}/early.ts`, "--out", run)
      assert.match(out.join("\n"), /^stopped before its first step, nothing is saved; begin anew with: /m)
      assert.deepInclude(json(`${run}/run.json`), { state: "stopped", step: 0 })
    }))
})
