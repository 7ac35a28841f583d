import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Schema, Stream } from "effect"
import { Backend, Experiment, Train } from "../../../src/index.ts"
import * as Remote from "../../../src/remote/index.ts"

type State = { readonly step: number; readonly x: tf.Tensor }

const shrink = Experiment.general({
  name: "shrink",
  config: Schema.Struct({ steps: Experiment.option(Experiment.positiveInt, 6, "Steps") }),
  open: ({ steps }) => {
    if (steps > 100) throw new RangeError("steps: at most 100")
    return Effect.succeed({
      steps,
      stepsPerEpoch: 3,
      init: Effect.sync((): State => ({ step: 0, x: tf.scalar(1) })),
      step: Train.step(({ step }: State) => `step ${step + 1}`, ({ step, x }: State, { n }: { readonly n: number }) => [
        { step: step + 1, x: tf.mul(x, n > 0 ? 0.5 : NaN) },
        { loss: tf.square(x), epoch: Math.floor(step / 3), endOfEpoch: step % 3 === 2 }
      ]),
      batches: (taken: number) => Stream.range(taken + 1, steps).pipe(Stream.map((n) => ({ n }))),
      validation: { monitor: "validation.distance", mode: "min" as const },
      evaluate: (split: Experiment.Split, { x }: State) =>
        Effect.sync(() => ({ split, distance: Math.abs(x.dataSync()[0]!) })),
      examine: (_: Experiment.Split, { step, x }: State) =>
        Effect.sync(() => ({ step, size: 1, losses: Float32Array.from(x.dataSync()), worst: [] }))
    })
  }
})

describe("a general experiment", () => {
  it("trains a state of one's own, and judges it at the end of each epoch", () =>
    Effect.runPromise(Effect.provide(
      Effect.scoped(Effect.gen(function*() {
        const opened = yield* shrink.open({ steps: 6 }), { about, batches, evaluate, init, step, validating } = opened
        assert.deepStrictEqual(about.networks, {})
        const trainer = yield* Train.make(init, step)
        const metrics = yield* Stream.runCollect(validating(batches(0).pipe(trainer.run), trainer))
        assert.deepStrictEqual(metrics.map(({ validation }) => validation), [
          ...[undefined, undefined, { split: "validation", distance: 1 / 8 }],
          ...[undefined, undefined, { split: "validation", distance: 1 / 64 }]
        ])
        assert.deepStrictEqual(yield* evaluate!("test", trainer), { split: "test", distance: 1 / 64 })
        const { losses, ...examined } = yield* opened.examine!("test", trainer)
        assert.deepStrictEqual([examined.step, Array.from(losses)], [6, [1 / 64]])
        // A worker answers what is given, and nothing else.
        const training = yield* Remote.trainingOf(opened)
        assert.deepStrictEqual((training.about as { readonly answers: unknown }).answers, ["distributions", "examine"])
      })),
      Backend.layerWasm
    )))

  it("fails as data where it throws a RangeError", () =>
    Effect.runPromise(Effect.provide(
      Effect.gen(function*() {
        const error = yield* Effect.flip(shrink.open({ steps: 101 }))
        assert.match(
          error.message,
          /^configuration of shrink: expected a valid one, found steps: at most 100 \(in its open, test\/unit\/experiment\/general\.test\.ts:\d+:\d+\)$/
        )
      }),
      Backend.layerWasm
    )))

  it("is validated at the end of each epoch by its steps, where the step knows of no epochs", () =>
    Effect.runPromise(Effect.provide(
      Effect.scoped(Effect.gen(function*() {
        const counting = Experiment.general({
          name: "counting",
          config: Schema.Struct({}),
          open: () =>
            Effect.succeed({
              ...{ steps: 7, stepsPerEpoch: 3 },
              init: Effect.sync((): State => ({ step: 0, x: tf.scalar(1) })),
              step: Train.step(() => "count", ({ step, x }: State, { n }: { readonly n: number }) => [
                { step: step + 1, x: tf.mul(x, n) },
                {}
              ]),
              batches: (taken: number) => Stream.range(taken + 1, 7).pipe(Stream.map((n) => ({ n }))),
              validation: { monitor: "validation.step", mode: "max" as const },
              evaluate: (_split: Experiment.Split, { step }: State) => Effect.succeed({ step })
            })
        })
        const { batches, init, step, validating } = yield* counting.open({})
        const trainer = yield* Train.make(init, step)
        const metrics = yield* Stream.runCollect(validating(batches(0).pipe(trainer.run), trainer))
        assert.deepStrictEqual(metrics.flatMap(({ step, validation }) => validation === undefined ? [] : [step]), [
          3,
          6,
          7
        ])
      })),
      Backend.layerWasm
    )))
})
