import { assert, describe, it } from "@effect/vitest"
import { Effect, Schema } from "effect"
import { Experiment } from "../../../src/index.ts"

const config = Schema.Struct({
  ...Experiment.options({ epochs: 3 }),
  activation: Experiment.option(Schema.Literals(["relu", "tanh"]), "relu", "What is between the layers"),
  shuffled: Experiment.option(Schema.Boolean, true),
  sizes: Experiment.option(Schema.Array(Schema.Int), [8, 8]),
  note: Schema.optionalKey(Schema.String),
  target: Schema.String
})

const fields = Object.fromEntries(Experiment.fieldsOf(config).map((field) => [field.name, field]))

const problem = (json: unknown): string => Effect.runSync(Effect.flip(Experiment.parse("mine", config, json))).message

describe("fieldsOf", () => {
  it("gives the fields as data: type, choices, limits, default", () => {
    assert.deepStrictEqual(fields["epochs"], {
      name: "epochs",
      type: "integer",
      isRequired: false,
      minimum: 1,
      description: "Passes over the training examples",
      default: 3
    })
    assert.deepStrictEqual(fields["activation"]?.choices, ["relu", "tanh"])
    assert.strictEqual(fields["activation"]?.default, "relu")
    assert.strictEqual(fields["learningRate"]?.exclusiveMinimum, 0)
    assert.strictEqual(fields["validation"]?.exclusiveMaximum, 1)
    assert.strictEqual(fields["shuffled"]?.type, "boolean")
    assert.deepStrictEqual([fields["sizes"]?.type, fields["sizes"]?.default], ["json", [8, 8]])
  })

  it("tells what has to be given from what may be left out", () => {
    assert.isTrue(fields["target"]?.isRequired)
    assert.isFalse(fields["note"]?.isRequired)
    assert.notProperty(fields["note"], "default")
  })

  it("finds none in a schema that is no struct", () => {
    assert.deepStrictEqual(Experiment.fieldsOf(Schema.Finite), [])
  })
})

describe("parse", () => {
  it("completes what is given by the defaults", () => {
    const { epochs, shuffled, target } = Effect.runSync(
      Experiment.parse("mine", config, { target: "price", epochs: 7 })
    )
    assert.deepStrictEqual([epochs, shuffled, target], [7, true, "price"])
  })

  it("names every field that is wrong, missing or not known", () => {
    const found = problem({ epochs: 1.5, activation: "sigmoid", hiden: 3, sizes: [1, "2"], shuffled: 1 })
    assert.match(found, /^configuration of mine, \w+: expected /)
    for (
      const part of [
        "epochs: expected a whole number from 1 on, found 1.5",
        "activation: expected one of relu, tanh, found \"sigmoid\"",
        "hiden: expected no field of this name, found 3",
        "target: expected a text, found nothing",
        "sizes.1: expected a number, found \"2\"",
        "shuffled: expected true or false, found 1"
      ]
    ) {
      assert.include(`${found};`, `${part};`)
    }
    assert.notInclude(found, "\n")
  })

  it("refuses numbers that are none, and what is no record", () => {
    assert.strictEqual(
      problem({ target: "", learningRate: Infinity }),
      "configuration of mine, learningRate: expected a number above 0, such as 0.001, found Infinity"
    )
    assert.include(problem({ target: "", seed: 1e20 }), "seed: expected a whole number from 0 on, found 1")
    assert.strictEqual(problem("all"), "configuration of mine: expected a record of its fields, found \"all\"")
  })

  it("says what a check of one's own says, where a value is of the kind that a field takes", () => {
    const even = Schema.Int.check(Schema.makeFilter((n: number) => n % 2 === 0, { expected: "an even number" }))
    const failed = Experiment.parse("odd", Schema.Struct({ size: Experiment.option(even, 2) }), { size: 3 })
    const { message } = Effect.runSync(Effect.flip(failed))
    assert.strictEqual(message, "configuration of odd, size: expected an even number, found 3")
  })
})
