import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { NdArray, Pipeline } from "effect-neuron"

const first = <A, E>(stream: Stream.Stream<A, E>) => Effect.map(Stream.runCollect(stream), ([a]) => a!)
const failure = <A, E extends { readonly message: string }>(stream: Stream.Stream<A, E>) =>
  Effect.map(Effect.flip(Stream.runDrain(stream)), (error) => error.message)

describe("normalize", () => {
  it.effect("maps bytes exactly to their 255th part, before batching or after", () =>
    Effect.gen(function*() {
      const bytes = Stream.succeed({ x: NdArray.make(Uint8Array.from({ length: 256 }, (_, i) => i), [256]), y: 3 })
      const { x, y } = yield* first(bytes.pipe(Pipeline.normalize()))
      assert.deepStrictEqual(x.data, Float32Array.from({ length: 256 }, (_, i) => i / 255))
      assert.deepStrictEqual(x.shape, [256])
      assert.strictEqual(y, 3)

      const source = Stream.make({ x: NdArray.make(Uint8Array.of(1, 2), [2]) }, {
        x: NdArray.make(Uint8Array.of(3, 4), [2])
      })
      assert.deepStrictEqual(
        yield* first(source.pipe(Pipeline.batch(2), Pipeline.normalize())),
        yield* first(source.pipe(Pipeline.normalize(), Pipeline.batch(2)))
      )
    }))

  it.effect("maps any interval to any other", () =>
    Effect.gen(function*() {
      const source = Stream.succeed({ x: NdArray.make([-2, 0, 2, 4], [4]) })
      const { x } = yield* first(source.pipe(Pipeline.normalize({ from: [-2, 2], to: [10, 0] })))
      assert.deepStrictEqual(x.data, Float32Array.of(10, 5, 0, -5))
    }))

  it.effect("refuses an empty interval", () =>
    Effect.gen(function*() {
      const source = Stream.succeed({ x: NdArray.index(1) })
      assert.strictEqual(
        yield* failure(source.pipe(Pipeline.normalize({ from: [1, 1] }))),
        "Pipeline.normalize: expected two different finite bounds as from, found [1, 1]"
      )
    }))
})

describe("standardize", () => {
  const pixels = Stream.succeed({ x: NdArray.make(Uint8Array.of(1, 10, 3, 30), [2, 2]) })

  it.effect("takes one mean and deviation, or one for each channel, or a mixture", () =>
    Effect.gen(function*() {
      const values = (mean: number | ReadonlyArray<number>, deviation: number | ReadonlyArray<number>) =>
        Effect.map(first(pixels.pipe(Pipeline.standardize({ mean, deviation }))), ({ x }) => x.data)
      assert.deepStrictEqual(yield* values(1, 2), Float32Array.of(0, 4.5, 1, 14.5))
      assert.deepStrictEqual(yield* values([2, 20], [1, 10]), Float32Array.of(-1, -1, 1, 1))
      assert.deepStrictEqual(yield* values([2, 20], 10), Float32Array.of(-0.1, -1, 0.1, 1))
      assert.deepStrictEqual(yield* values(0, [1, 10]), Float32Array.of(1, 1, 3, 3))
    }))

  it.effect("names the example with another number of channels", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* failure(pixels.pipe(Pipeline.standardize({ mean: [1, 2, 3], deviation: 1 }))),
        "Pipeline.standardize, element 0: expected x with 3 channels as its last dimension, found [2, 2]"
      )
    }))

  it.effect("refuses deviations that are not positive, and lists of different lengths", () =>
    Effect.gen(function*() {
      const message = (mean: ReadonlyArray<number>, deviation: ReadonlyArray<number>) =>
        failure(pixels.pipe(Pipeline.standardize({ mean, deviation })))
      assert.strictEqual(
        yield* message([0], [1, 0]),
        "Pipeline.standardize: expected positive finite deviations, found 0"
      )
      assert.strictEqual(
        yield* message([0, 0], [1, 1, 1]),
        "Pipeline.standardize: expected as many deviations as means, 2, found 3"
      )
      assert.strictEqual(yield* message([], [1]), "Pipeline.standardize: expected at least one mean, found none")
    }))
})

describe("oneHot", () => {
  it.effect("adds a dimension to examples and to batches", () =>
    Effect.gen(function*() {
      const labels = Stream.make({ y: NdArray.index(2) }, { y: NdArray.index(0) })
      assert.deepStrictEqual(
        yield* first(labels.pipe(Pipeline.oneHot(3))),
        { y: { data: Float32Array.of(0, 0, 1), shape: [3] } }
      )
      const batch = { y: { data: Float32Array.of(0, 0, 1, 1, 0, 0), shape: [2, 3] }, size: 2 }
      assert.deepStrictEqual(yield* first(labels.pipe(Pipeline.oneHot(3), Pipeline.batch(2))), batch)
      assert.deepStrictEqual(yield* first(labels.pipe(Pipeline.batch(2), Pipeline.oneHot(3))), batch)
    }))

  it.effect("names an index that is no class", () =>
    Effect.gen(function*() {
      for (
        const [y, found] of [[NdArray.index(3), "3"], [NdArray.index(-1), "-1"], [
          NdArray.make([0.5], []),
          "0.5"
        ]] as const
      ) {
        assert.strictEqual(
          yield* failure(Stream.make({ y: NdArray.index(1) }, { y }).pipe(Pipeline.oneHot(3))),
          `Pipeline.oneHot, element 1: expected a class index from 0 to 2 in y, found ${found}`
        )
      }
    }))
})

describe("split", () => {
  const numbers = (n: number, chunk = 4096) => Stream.range(0, n - 1).pipe(Stream.rechunk(chunk))

  it.effect("puts each example on exactly one side, by the fraction, whatever the chunks are", () =>
    Effect.gen(function*() {
      for (const fraction of [0, 0.1, 0.5, 1]) {
        const { train, validation } = numbers(10_000).pipe(Pipeline.split({ fraction, seed: 4 }))
        const left = yield* Stream.runCollect(train), right = yield* Stream.runCollect(validation)
        assert.strictEqual(new Set([...left, ...right]).size, 10_000)
        assert.strictEqual(left.length + right.length, 10_000)
        // Five standard deviations of a binomial count.
        assert.isAtMost(Math.abs(right.length - 10_000 * fraction), 500 * Math.sqrt(fraction * (1 - fraction)))
        const small = numbers(10_000, 7).pipe(Pipeline.split({ fraction, seed: 4 }))
        assert.deepStrictEqual(yield* Stream.runCollect(small.validation), right)
      }
    }))

  it.effect("is the same in every epoch and another one for another seed", () =>
    Effect.gen(function*() {
      const sides = (seed: number) =>
        numbers(300).pipe(Stream.map((n) => ({ n })), Pipeline.split({ fraction: 0.3, seed })).validation
      const run = yield* Stream.runCollect(sides(1).pipe(Pipeline.epochs(2)))
      const of = (epoch: number) => run.filter((element) => element.epoch === epoch).map(({ n }) => n)
      assert.deepStrictEqual(of(0), of(1))
      assert.notDeepEqual(of(0), (yield* Stream.runCollect(sides(2))).map(({ n }) => n))
    }))

  it.effect("refuses a fraction that is none", () =>
    Effect.gen(function*() {
      for (const fraction of [-0.1, 1.1, NaN]) {
        const { train, validation } = numbers(3).pipe(Pipeline.split({ fraction, seed: 4 }))
        const expected = `Pipeline.split: expected a fraction from 0 to 1, found ${fraction}`
        assert.strictEqual(yield* failure(train), expected)
        assert.strictEqual(yield* failure(validation), expected)
      }
    }))
})

describe("prefetch", () => {
  it.effect("keeps order, elements and failures", () =>
    Effect.gen(function*() {
      const source = Stream.range(1, 1000).pipe(Stream.rechunk(3))
      const expected = yield* Stream.runCollect(source)
      for (const n of [1, 2, 100]) {
        assert.deepStrictEqual(yield* Stream.runCollect(source.pipe(Pipeline.prefetch(n))), expected)
      }
      const failing = Stream.concat(source, Stream.fail({ message: "broken" }))
      assert.strictEqual(yield* failure(failing.pipe(Pipeline.prefetch(2))), "broken")
      assert.strictEqual(
        yield* failure(source.pipe(Pipeline.prefetch(0))),
        "Pipeline.prefetch: expected a positive integer as n, found 0"
      )
    }))

  it.effect("runs ahead by no more than its buffer, and is finalized with its consumer", () =>
    Effect.gen(function*() {
      let made = 0, closed = 0
      const source = Stream.range(1, 1000).pipe(
        Stream.rechunk(1),
        Stream.map((n) => (made++, n)),
        Stream.ensuring(Effect.sync(() => closed++))
      )
      const consumer = yield* source.pipe(
        Pipeline.prefetch(4),
        Stream.runForEach(() => Effect.never),
        Effect.forkChild
      )
      for (let turn = 0; turn < 50; turn++) yield* Effect.yieldNow
      // One with the consumer, four in the buffer, and one that waits for a place there.
      assert.isAtLeast(made, 2)
      assert.isAtMost(made, 6)
      yield* Fiber.interrupt(consumer)
      assert.strictEqual(closed, 1)
    }))
})

describe("map, filter, take", () => {
  it.effect("do what their names say", () =>
    Effect.gen(function*() {
      const run = Stream.range(1, 10).pipe(
        Pipeline.map((n) => n * n),
        Pipeline.filter((n) => n % 2 === 0),
        Pipeline.take(3)
      )
      assert.deepStrictEqual(yield* Stream.runCollect(run), [4, 16, 36])
    }))
})
