import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Errors } from "effect-neuron"

const cause = new Error("out of memory")

const circle: { self?: unknown } = {}
circle.self = circle

const messages: ReadonlyArray<readonly [error: Error, name: string, message: string]> = [
  [
    new Errors.ShapeError({
      path: "block.conv1",
      kind: "conv2d",
      expected: "[height, width, channels]",
      actual: [784]
    }),
    "ShapeError",
    "block.conv1 (conv2d) expects [height, width, channels], got [784]"
  ],
  [
    new Errors.ShapeError({ path: "", kind: "join", expected: "two inputs", actual: "one" }),
    "ShapeError",
    "join expects two inputs, got one"
  ],
  [new Errors.TensorError({ operation: "train step 3", cause }), "TensorError", "train step 3: out of memory"],
  [new Errors.TensorError({ operation: "train step 3", cause: "stopped" }), "TensorError", "train step 3: stopped"],
  [new Errors.TensorError({ operation: "sum", cause: { code: 7 } }), "TensorError", "sum: {\"code\":7}"],
  [new Errors.TensorError({ operation: "sum", cause: circle }), "TensorError", "sum: [object Object]"],
  [new Errors.TensorError({ operation: "sum", cause: 7n }), "TensorError", "sum: 7"],
  [
    new Errors.BackendError({ backend: "wasm", cause: { code: 7n } }),
    "BackendError",
    "the wasm backend could not be started: [object Object]"
  ],
  [
    new Errors.BackendError({ backend: "webgl", cause }),
    "BackendError",
    "the webgl backend could not be started: out of memory"
  ],
  [
    new Errors.DataError({ source: "a.png", expected: "28 rows", actual: "32" }),
    "DataError",
    "a.png: expected 28 rows, found 32"
  ],
  [
    new Errors.CheckpointError({ path: "run/7", reasons: ["conv1.kernel is missing", "step is no number"] }),
    "CheckpointError",
    "run/7: conv1.kernel is missing; step is no number"
  ],
  [
    new Errors.NonFiniteError({ metric: "loss", value: NaN, step: 12, learningRate: 0.1 }),
    "NonFiniteError",
    "loss is NaN at step 12 with learning rate 0.1: expected a finite number"
  ],
  [
    new Errors.NonFiniteError({ metric: "criticLoss", value: Infinity, step: 1 }),
    "NonFiniteError",
    "criticLoss is Infinity at step 1: expected a finite number"
  ]
]

describe("errors", () => {
  for (const [error, name, message] of messages) {
    it(`${name}: ${message}`, () => {
      assert.strictEqual(error.message, message)
      assert.strictEqual(error.name, name)
    })
  }

  it.effect("are caught by tag, with their fields", () =>
    Effect.gen(function*() {
      const failing = Effect.fail(new Errors.DataError({ source: "a", expected: "b", actual: "c", cause }))
      const caught = yield* Effect.catchTag(failing, "DataError", Effect.succeed)
      assert.deepStrictEqual([caught.source, caught.expected, caught.actual, caught.cause], ["a", "b", "c", cause])
    }))
})
