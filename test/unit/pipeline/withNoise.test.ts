import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Datasets, NdArray, Pipeline } from "effect-neuron"

/** The examples 0, 1, … in batches, each telling its number. */
const batches = (examples: number, size: number) =>
  Stream.range(0, examples - 1).pipe(
    Stream.map((i) => ({ x: NdArray.make([i], [1]), y: NdArray.index(i) })),
    Pipeline.batch(size)
  )

/** Noise that counts: example `i` is the number `i`. */
const counting = (from = 0, chunk = 4096) =>
  Stream.iterate(from, (i) => i + 1).pipe(Stream.rechunk(chunk), Stream.map((i) => ({ x: NdArray.make([i], [1]) })))

const numbers = (arrays: ReadonlyArray<NdArray.NdArray>) => arrays.map(({ data }) => Array.from(data))

const from0 = (n: number) => Array.from({ length: n }, (_, i) => i)

describe("withNoise", () => {
  it.effect("gives each update of the critic examples and noise of its own, and the generator noise of its own", () =>
    Effect.gen(function*() {
      for (const chunk of [1, 3, 7, 4096]) {
        const steps = yield* batches(24, 4).pipe(
          Pipeline.withNoise(counting(0, chunk), { criticSteps: 3 }),
          Stream.runCollect
        )
        assert.deepStrictEqual(steps.map(({ real, size }) => [real.map(({ size }) => size), size]), [
          [[4, 4, 4], 12],
          [[4, 4, 4], 12]
        ])
        assert.deepStrictEqual(numbers(steps.flatMap(({ real }) => real.map(({ x }) => x))).flat(), from0(24))
        assert.deepStrictEqual(numbers(steps.flatMap(({ real }) => real.map(({ y }) => y))).flat(), from0(24))
        assert.deepStrictEqual(steps.map(({ noise }) => noise.map(({ shape }) => shape)), [
          [[4, 1], [4, 1], [4, 1], [4, 1]],
          [[4, 1], [4, 1], [4, 1], [4, 1]]
        ])
        assert.deepStrictEqual(numbers(steps.flatMap(({ noise }) => noise)).flat(), from0(32))
      }
    }))

  it.effect("takes one batch for each step by default, and no labels where there are none", () =>
    Effect.gen(function*() {
      const steps = yield* Stream.range(0, 5).pipe(
        Stream.map((i) => ({ x: NdArray.make([i], [1]) })),
        Pipeline.batch(2),
        Pipeline.withNoise(Datasets.noise({ shape: [3, 2], seed: 1 })),
        Stream.runCollect
      )
      assert.strictEqual(steps.length, 3)
      assert.deepStrictEqual(steps[0]!.noise.map(({ shape }) => shape), [[2, 3, 2], [2, 3, 2]])
      assert.deepStrictEqual(Object.keys(steps[0]!.real[0]!).sort(), ["size", "x"])
    }))

  it.effect("leaves out the batches at the end that are too few for a step", () =>
    Effect.gen(function*() {
      const ends = (count: number) =>
        Effect.map(
          batches(2 * count, 2).pipe(Pipeline.withNoise(counting(), { criticSteps: 3 }), Stream.runCollect),
          (steps) => steps.map(({ real }) => real.length)
        )
      assert.deepStrictEqual(yield* ends(2), [])
      assert.deepStrictEqual(yield* ends(3), [3])
      assert.deepStrictEqual(yield* ends(8), [3, 3])
    }))

  it.effect("makes as much noise as each batch has examples, and as the last one for the generator", () =>
    Effect.gen(function*() {
      const uneven = Stream.make(3, 1, 2).pipe(
        Stream.map((size) => ({ x: NdArray.make(new Float32Array(size), [size, 1]), size }))
      )
      const [step] = yield* uneven.pipe(Pipeline.withNoise(counting(), { criticSteps: 3 }), Stream.runCollect)
      assert.deepStrictEqual(numbers(step!.noise), [[0, 1, 2], [3], [4, 5], [6, 7]])
      assert.strictEqual(step!.size, 6)
    }))

  it.effect("says which epoch a step begins in, and whether it holds the end of one", () =>
    Effect.gen(function*() {
      const steps = yield* batches(12, 4).pipe(
        Pipeline.epochs(2, { length: 3 }),
        Pipeline.withNoise(counting(), { criticSteps: 2 }),
        Stream.runCollect
      )
      assert.deepStrictEqual(steps.map(({ endOfEpoch, epoch }) => [epoch, endOfEpoch]), [
        [0, false],
        [0, true],
        [1, true]
      ])
      const [bare] = yield* batches(4, 4).pipe(Pipeline.withNoise(counting()), Stream.runCollect)
      assert.deepStrictEqual([bare!.epoch, bare!.endOfEpoch], [0, false])
    }))

  it.effect("goes on with noise from where a run was stopped", () =>
    Effect.gen(function*() {
      const noise = (from: number) => Datasets.noise({ shape: [2], seed: 4, from })
      const all = yield* batches(80, 4).pipe(Pipeline.withNoise(noise(0), { criticSteps: 2 }), Stream.runCollect)
      const stopped = 4, size = 4, criticSteps = 2
      const rest = yield* batches(80, 4).pipe(
        Stream.drop(stopped * criticSteps),
        Pipeline.withNoise(noise(stopped * (criticSteps + 1) * size), { criticSteps }),
        Stream.runCollect
      )
      assert.deepStrictEqual(rest, all.slice(stopped))
    }))

  it.effect("is given anew each time that the stream is run", () =>
    Effect.gen(function*() {
      const steps = batches(16, 4).pipe(Pipeline.withNoise(Datasets.noise({ shape: [2], seed: 4 })))
      assert.deepStrictEqual(yield* Stream.runCollect(steps), yield* Stream.runCollect(steps))
    }))

  it.effect("fails when the noise ends, and says after how many", () =>
    Effect.gen(function*() {
      for (const [given, whole] of [[0, 0], [7, 0], [8, 1], [13, 1]] as const) {
        const seen: Array<unknown> = []
        const error = yield* batches(100, 4).pipe(
          Pipeline.withNoise(Stream.take(counting(0, 3), given)),
          Stream.runForEach((step) => Effect.sync(() => seen.push(step))),
          Effect.flip
        )
        assert.strictEqual(error._tag, "DataError")
        assert.strictEqual(error.message, `Pipeline.withNoise: expected noise without end, found an end after ${given}`)
        assert.strictEqual(seen.length, whole)
      }
    }))

  it.effect("fails when the noise fails, when its shapes differ, and when the batches fail", () =>
    Effect.gen(function*() {
      const noise = Stream.concat(Stream.take(counting(), 3), Stream.fail("no more" as const))
      assert.strictEqual(
        yield* batches(8, 4).pipe(Pipeline.withNoise(noise), Stream.runDrain, Effect.flip),
        "no more"
      )
      const uneven = Stream.concat(
        Stream.take(counting(), 5),
        Stream.make({ x: NdArray.make([1, 2], [2]) })
      )
      const error = yield* batches(8, 3).pipe(Pipeline.withNoise(uneven), Stream.runDrain, Effect.flip)
      assert.instanceOf(error, Error)
      assert.strictEqual((error as { readonly _tag: string })._tag, "DataError")
      assert.match((error as Error).message, /\b5\b/)
      const real = Stream.concat(batches(4, 4), Stream.fail("broken" as const))
      assert.strictEqual(yield* real.pipe(Pipeline.withNoise(counting()), Stream.runDrain, Effect.flip), "broken")
    }))

  it.effect("takes no more noise than it needs", () =>
    Effect.gen(function*() {
      let drawn = 0
      const noise = counting(0, 1).pipe(Stream.tap(() => Effect.sync(() => drawn++)))
      yield* batches(100, 4).pipe(Pipeline.withNoise(noise, { criticSteps: 2 }), Stream.take(3), Stream.runDrain)
      assert.strictEqual(drawn, 3 * 3 * 4)
    }))

  it("refuses a number of updates that is no positive integer", () => {
    for (const criticSteps of [0, 1.5, -1]) {
      const message = `Pipeline.withNoise: criticSteps is a positive integer, got ${criticSteps}`
      assert.throws(() => Pipeline.withNoise(counting(), { criticSteps }), RangeError, message)
    }
  })
})
