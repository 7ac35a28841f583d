import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import { Effect, Layer, Stream } from "effect"
import { Backend, Experiment, NdArray, Train } from "../../../src/index.ts"

const services = Layer.merge(Backend.layerWasm, NodeServices.layer)

const opened = (json: object) =>
  Effect.flatMap(
    Experiment.parse("generator", Experiment.generator.config, json),
    (config) => Experiment.generator.open(config)
  )

const small = { model: "mlp", steps: 12, batchSize: 8, examples: 40, latent: 4 }

describe("an adversarial experiment", () => {
  it("says what it is: two networks, steps, images of the generator's range", () =>
    Effect.runPromise(Effect.provide(
      Effect.gen(function*() {
        const { about, batchSize, steps, stepsPerEpoch, validation } = yield* opened({ ...small, loss: "wgan-gp" })
        assert.deepStrictEqual(Object.keys(about.networks), ["generator", "critic"])
        // Two batches of eight for a step, of forty examples.
        assert.deepStrictEqual([steps, stepsPerEpoch, batchSize], [12, 2, 16])
        assert.deepStrictEqual(about.show?.input, { kind: "image", range: [-1, 1] })
        assert.deepStrictEqual(validation, { monitor: "validation.slicedWasserstein", mode: "min" })
      }),
      services
    )))

  it("trains, judges what is generated at the end of each epoch, and draws it", () =>
    Effect.runPromise(Effect.provide(
      Effect.scoped(Effect.gen(function*() {
        const { batches, init, picture, step, validating } = yield* opened({ ...small, conditional: true })
        const trainer = yield* Train.make(init, step)
        const metrics = yield* Stream.runCollect(validating(batches(0).pipe(trainer.run), trainer))
        assert.lengthOf(metrics, 12)
        const judged = metrics.flatMap(({ step, validation }) =>
          validation === undefined ? [] : [[step, validation as { readonly slicedWasserstein: number }] as const]
        )
        assert.deepStrictEqual(judged.map(([step]) => step), [5, 10])
        assert.isAbove(judged[0]![1].slicedWasserstein, 0)
        // Ten columns, one for a class, of eight images with a border of two pixels.
        const drawn = yield* picture!(trainer)
        assert.deepStrictEqual(drawn.shape, [8 * 30 + 2, 10 * 30 + 2, 1])
        assert.instanceOf(drawn.data, Uint8Array)
        // The same noise gives the same picture.
        assert.deepStrictEqual(yield* picture!(trainer), drawn)
      })),
      services
    )))

  it("goes on from any step with the same batches and noise", () =>
    Effect.runPromise(Effect.provide(
      Effect.gen(function*() {
        const { batches } = yield* opened({ ...small, loss: "wgan", steps: 4 })
        const all = yield* Stream.runCollect(batches(0))
        assert.lengthOf(all, 4)
        assert.deepStrictEqual(yield* Stream.runCollect(batches(3)), all.slice(3))
        const [{ noise, real }] = all as unknown as readonly [
          { readonly noise: ReadonlyArray<NdArray.NdArray>; readonly real: ReadonlyArray<unknown> }
        ]
        assert.deepStrictEqual([real.length, noise.length], [5, 6])
      }),
      services
    )))

  it("refuses batches that are larger than the data", () =>
    Effect.runPromise(Effect.provide(
      Effect.gen(function*() {
        const error = yield* Effect.flip(opened({ ...small, batchSize: 41 }))
        assert.include(error.message, "configuration of generator")
        assert.include(error.message, "at most the 40 examples")
      }),
      services
    )))
})
