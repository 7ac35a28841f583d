import { assert, layer } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Adversarial, Backend, Key, Train } from "effect-neuron"
import type { NdArray } from "effect-neuron"
import { batches, init, latent, networks } from "../../../support/adversarial.ts"
import { leavesNoTensor } from "../../../support/backend.ts"

const key = Key.make(9)

/**
 * Trains for at most 12 steps, judged every third, and gives the numbers of the steps, what was judged and after which
 * steps. Metrics of steps that do not `pass` do not come by.
 */
const run = <E = never, R = never>(
  accept: (examples: NdArray.NdArray, judged: number) => boolean | Effect.Effect<boolean, E, R>,
  passes: (step: number) => boolean = () => true
) =>
  Effect.gen(function*() {
    const t = yield* Train.make(init, Adversarial.gan(networks)), judged: Array<NdArray.NdArray> = []
    const expected: Array<NdArray.NdArray> = [], after: Array<number> = []
    let last = 0
    const metrics = yield* batches().pipe(
      t.run,
      Stream.take(12),
      Stream.filter(({ step }) => passes(step)),
      Stream.tap(({ step }) =>
        Effect.gen(function*() {
          last = step
          if (step % 3 !== 0) return
          const request = { count: 5, latent, key: Key.fold(key, step) }
          expected.push(yield* Adversarial.generate(networks, yield* t.state, request))
        })
      ),
      Adversarial.validateGenerator({
        networks,
        trainer: t,
        every: 3,
        count: 5,
        latent,
        key,
        accept: (examples) => {
          judged.push(examples)
          after.push(last)
          return accept(examples, judged.length)
        }
      }),
      Stream.runCollect
    )
    return { after, judged, expected, steps: metrics.map(({ step }) => step) }
  }).pipe(Effect.scoped, leavesNoTensor)

const first = (n: number) => Array.from({ length: n }, (_, i) => i + 1)

layer(Backend.layerWasm)("validateGenerator", (it) => {
  it.effect("judges fresh examples of the state after every n-th step, and passes all metrics on", () =>
    Effect.gen(function*() {
      const { expected, judged, steps } = yield* run(() => false)
      assert.deepStrictEqual(steps, first(12))
      assert.deepStrictEqual(judged.map(({ shape }) => shape), [[5, 2], [5, 2], [5, 2], [5, 2]])
      assert.deepStrictEqual(judged, expected)
      assert.strictEqual(new Set(judged.map(({ data }) => data.join())).size, 4)
    }))

  it.effect("ends after the step whose examples are accepted, and not before", () =>
    Effect.gen(function*() {
      const { judged, steps } = yield* run((_, judged) => judged === 2)
      assert.deepStrictEqual(steps, first(6))
      assert.strictEqual(judged.length, 2)
      assert.deepStrictEqual((yield* run(() => true)).steps, first(3))
    }))

  it.effect("judges at the first of the metrics that come by at or past a multiple", () =>
    Effect.gen(function*() {
      const { after } = yield* run(() => false, (step) => [4, 5, 8, 9, 12].includes(step))
      assert.deepStrictEqual(after, [8, 9, 12])
    }))

  it.effect("asks an effect", () =>
    Effect.gen(function*() {
      const { steps } = yield* run((_, judged) => Effect.as(Effect.yieldNow, judged === 3))
      assert.deepStrictEqual(steps, first(9))
    }))

  it.effect("fails as the effect does, and leaves no tensor", () =>
    Effect.gen(function*() {
      const error = yield* Effect.flip(run((_, judged) => judged === 2 ? Effect.fail("unsure" as const) : false))
      assert.strictEqual(error, "unsure")
    }))

  it("refuses a number of steps that is no positive integer", () => {
    for (const every of [0, 2.5, -1]) {
      const trainer = { held: Effect.die("not asked") }, accept = () => true
      assert.throws(
        () => Adversarial.validateGenerator({ networks, trainer, every, count: 5, latent, key, accept }),
        RangeError,
        `validateGenerator: every is a positive integer, got ${every}`
      )
    }
  })
})
