import { assert, describe, it } from "@effect/vitest"
import { Schema } from "effect"
import { problemOf } from "../../../dashboard/app/controls/limits.ts"
import { countsOf, curvesOf, placesOf, precisionAndRecall } from "../../../dashboard/app/inspect/examined.ts"
import { noLooks } from "../../../dashboard/app/layers/looks.ts"
import { migrated, VERSION } from "../../../dashboard/app/state/migrations.ts"
import type { Described } from "../../../dashboard/app/training/definition.ts"
import { experimentsOf, referenceTo } from "../../../dashboard/app/training/experimentsOf.ts"
import type { Any } from "../../../dashboard/app/training/experimentsOf.ts"
import { completed, describe as inWords, offer } from "../../../dashboard/app/training/offer.ts"
import { viewsOf } from "../../../dashboard/app/views.ts"
import { buildWorker, programOf } from "../../../src/cli/dashboard/ownWorker.ts"
import { accepts, wanted } from "../../../src/experiment/limits.ts"
import { Experiment } from "../../../src/index.ts"

describe("a field of a configuration", () => {
  it("takes what its schema takes, and says what that is", () => {
    const share = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0), Schema.isLessThan(1))
    const config = Schema.Struct({
      ...Experiment.options(),
      share: Experiment.option(share, 0.5),
      layers: Experiment.option(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 8 })), 2),
      size: Experiment.option(Schema.Literals([16, 32]), 16),
      other: Schema.optionalKey(Experiment.positive)
    })
    const fields = Experiment.fieldsOf(config), of = (name: string) => fields.find((field) => field.name === name)!
    const said = {
      batchSize: "a whole number from 1 on",
      learningRate: "a number above 0, such as 0.001",
      share: "a number from 0 and below 1",
      layers: "a whole number from 1 to 8"
    }
    for (const [name, words] of Object.entries(said)) assert.strictEqual(wanted(of(name)), words)
    const numbers = [-1, 0, 0.5, 1, 8, 9, 16, NaN, Infinity]
    for (const { name } of fields.filter(({ choices, type }) => choices === undefined && type !== "json")) {
      for (const value of numbers) {
        const isValid = Schema.is(Schema.toType(config.fields[name as "share"]))(value)
        assert.strictEqual(accepts(of(name), value), isValid, `${name} ${value}`)
      }
    }
    assert.isUndefined(problemOf(of("size"), 32))
    assert.strictEqual(problemOf(of("size"), 33), "This has to be one of 16, 32.")
    assert.isUndefined(problemOf(of("other"), undefined))
    assert.strictEqual(problemOf(of("schedule"), "none"), "This has to be one of constant, cosine.")
  })

  it("is what a person has chosen before, or the default, and those that are gone are left out", () => {
    const fields = Experiment.fieldsOf(Experiment.digits.config as Experiment.Codec)
    const digits = { name: "digits", kind: "supervised" as const, fields }
    const config = completed(digits, { batchSize: 7, gone: 1 })
    assert.deepStrictEqual([config["batchSize"], config["model"], config["gone"]], [7, "small-mlp", undefined])
    assert.strictEqual(completed({ ...digits, file: "my.ts" }, undefined)["model"], "cnn")
    offer.set({ experiments: [digits] })
    assert.strictEqual(inWords({ experiment: "digits", config }), "digits, batchSize 7")
  })
})

describe("a module of experiments", () => {
  it("has those that it exports, by whatever names, each once", () => {
    const { digits, mnist } = Experiment
    assert.deepStrictEqual(experimentsOf({ a: digits, b: mnist, c: [mnist] }, "b"), [mnist])
    assert.deepStrictEqual(experimentsOf({ a: digits, b: mnist }, "c"), [])
    const found = experimentsOf({ a: 1, b: null, c: digits, default: digits, all: [mnist, "x"], open: () => {} })
    assert.deepStrictEqual(found.map(({ name }) => name), ["digits", "mnist"])
  })

  it("are told to the command line by the file, and by the export where there are several", () => {
    const { digits, generator, mnist } = Experiment as unknown as { readonly [name: string]: Any }
    assert.strictEqual(referenceTo("my.ts", { a: 1, digits }, digits!), "my.ts")
    assert.strictEqual(referenceTo("my.ts", { small: mnist, digits }, mnist!), "my.ts#small")
    assert.strictEqual(referenceTo("my.ts", { small: mnist, digits, all: [generator] }, generator!), "my.ts")
  })
})

describe("a run of an earlier page", () => {
  const classifier = {
    task: "classifier",
    dataset: "mnist",
    examples: 200,
    model: "dense 128",
    optimizer: "sgd with momentum",
    learningRate: 0.01,
    schedule: "constant",
    batchSize: 20,
    epochs: 3,
    seed: 4
  }
  const choiceOf = (choice: object) => migrated({ id: "a", note: "", choice }, 3)["choice"]

  it("is one of an experiment, whose configuration takes it", () => {
    assert.strictEqual(VERSION, 7)
    assert.deepStrictEqual(migrated({ id: "a", note: "" }, 4)["looks"], noLooks())
    const test = { steps: [9], weights: [1], values: { accuracy: [0.5] }, stride: 1 }
    assert.deepStrictEqual(migrated({ id: "a", test }, 5), { id: "a", others: { validation: test } })
    const generator = {
      task: "generator",
      dataset: "digits",
      examples: 640,
      model: "convolutional",
      loss: "wgan-gp",
      learningRate: 0.002,
      batchSize: 64,
      epochs: 5,
      seed: 4
    }
    const expected = [
      [classifier, "mnist", { model: "mlp", optimizer: "momentum", batchSize: 20, seed: 4 }],
      [generator, "generator", { model: "cnn", steps: 25, generatorLearningRate: 0.002, conditional: true }]
    ] as const
    for (const [choice, experiment, parts] of expected) {
      const found = choiceOf(choice) as { readonly experiment: string; readonly config: object }
      assert.strictEqual(found.experiment, experiment)
      assert.deepInclude(found.config, parts)
      const { config } = experiment === "mnist" ? Experiment.mnist : Experiment.generator
      Schema.decodeUnknownSync(config, { onExcessProperty: "error" })(found.config)
    }
  })

  it("stays to be looked at where its network is not had any more", () => {
    const run = migrated({ id: "a", note: "mine", choice: { ...classifier, model: "convolutional 16-32" } }, 3)
    assert.isFalse("choice" in run)
    assert.match(String(run["note"]), /^mine .*no longer had/)
  })
})

describe("files of experiments", () => {
  it("are those before a name, which is that of one of their exports", async () => {
    const program = programOf(["/runs/my.ts", "/runs/other.ts#small"])
    assert.include(program, `{ name: "my.ts", load: () => import("/runs/my.ts") }`)
    assert.include(program, `{ name: "other.ts", load: () => import("/runs/other.ts"), only: "small" }`)
    // What is no file is said as one, and a file is not taken for one that is not there by what is behind it.
    assert.deepStrictEqual(await buildWorker(["/nowhere/my.ts#small"]), { problem: "/nowhere/my.ts: no such file" })
  })
})

describe("the views of a training", () => {
  const all: ReturnType<typeof viewsOf> = ["training", "network", "try", "mistakes", "summary", "runs"]
  const about = (answers: ReadonlyArray<string>, train: number, test = 0) =>
    ({ answers, sizes: { train, validation: 0, test } }) as unknown as Described
  const without = (...hidden: ReadonlyArray<string>) => all.filter((view) => !hidden.includes(view))

  it("are those of what it can be asked, whatever its kind", () => {
    const asked = ["predict", "activations", "examine"]
    assert.deepStrictEqual(viewsOf("other", about(asked, 10, 10)), all)
    assert.deepStrictEqual(viewsOf("other", about(["predict"], 10, 10)), without("network", "mistakes"))
    assert.deepStrictEqual(viewsOf("other", about([], 10, 10)), without("network", "try", "mistakes"))
    assert.deepStrictEqual(viewsOf("supervised", about(["activations", "predict"], 10, 10)), without("mistakes"))
    // Without examples there is nothing to look at, but for what a generator makes, and no mistakes without any to make.
    assert.deepStrictEqual(viewsOf("other", about(asked, 0)), without("network", "try", "mistakes"))
    assert.deepStrictEqual(viewsOf("supervised", about(asked, 10)), without("mistakes"))
    assert.deepStrictEqual(viewsOf("adversarial", about(["predict", "activations"], 0)), without("mistakes"))
  })

  it("are those of its kind until it has said that", () => {
    assert.deepStrictEqual(viewsOf("supervised", undefined), all)
    assert.deepStrictEqual(viewsOf("adversarial", undefined), without("mistakes"))
    assert.deepStrictEqual(viewsOf("other", undefined), without("network", "try", "mistakes"))
  })
})

describe("mistakes", () => {
  const labels = Int32Array.of(0, 0, 1, 1, 1), predicted = Int32Array.of(0, 1, 1, 1, 0)
  const losses = Float32Array.of(0.1, 2, 0.2, 0.1, 3)

  it("are counted by class, with precision and recall, and found by their cell, the worst first", () => {
    const counts = countsOf(labels, predicted, 2)
    assert.deepStrictEqual(counts, [[1, 1], [1, 2]])
    assert.deepStrictEqual(precisionAndRecall(counts, 1), { precision: 2 / 3, recall: 2 / 3 })
    assert.deepStrictEqual(placesOf({ labels, losses, predicted }, undefined, 9), [4, 1])
    assert.deepStrictEqual(placesOf({ labels, losses, predicted }, { truth: 1, said: 1 }, 1), [2])
    assert.deepStrictEqual(placesOf({ losses }, undefined, 2), [4, 1])
  })

  it("have curves whose area is the share of pairs that are in order", () => {
    const scores = [0.9, 0.8, 0.7, 0.7, 0.1], isOf = [true, false, true, false, false]
    const { area, fallOut, precision, recall } = curvesOf(scores, isOf)
    let inOrder = 0
    for (const i of [0, 2]) {
      for (const j of [1, 3, 4]) {
        inOrder += scores[i]! > scores[j]!
          ? 1
          : scores[i] === scores[j]
          ? 0.5
          : 0
      }
    }
    assert.closeTo(area, inOrder / 6, 1e-9)
    assert.deepStrictEqual(recall, [0.5, 0.5, 1, 1])
    assert.deepStrictEqual(precision, [1, 0.5, 0.5, 0.4])
    assert.deepStrictEqual(fallOut, [0, 1 / 3, 2 / 3, 1])
  })
})
