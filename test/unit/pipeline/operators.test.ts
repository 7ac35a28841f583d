import { assert, describe, it } from "@effect/vitest"
import { Effect, Fiber, Stream } from "effect"
import { Datasets, NdArray, Pipeline } from "effect-neuron"

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

  it("refuses an empty interval, and bounds that are not finite", () => {
    const refuses = (options: Pipeline.NormalizeOptions, message: string) =>
      assert.throws(() => Pipeline.normalize(options), RangeError, `Pipeline.normalize: ${message}`)
    refuses({ from: [1, 1] }, "from is two different finite bounds, got [1, 1]")
    refuses({ from: [0, NaN] }, "from is two different finite bounds, got [0, NaN]")
    refuses({ to: [0, Infinity] }, "to is two finite bounds, got [0, Infinity]")
  })

  it.effect("refuses floats that look normalized already, unless it is told where they are from", () =>
    Effect.gen(function*() {
      const floats = (...examples: ReadonlyArray<ReadonlyArray<number>>) =>
        Stream.fromIterable(examples).pipe(Stream.map((x) => ({ x: NdArray.make(x, [x.length]) })))
      const found = (i: number, values: string) =>
        `Pipeline.normalize, element ${i}: expected values from 0 to 255 in x, or the interval that they are from, ` +
        `such as from: [0, 1], found float32 values from ${values}, which look normalized already`
      assert.strictEqual(yield* failure(floats([0, 0.5, 1]).pipe(Pipeline.normalize())), found(0, "0 to 1"))
      assert.strictEqual(yield* failure(floats([0, 0], [-1, 0.5]).pipe(Pipeline.normalize())), found(1, "-1 to 0.5"))
      // Black images say nothing, and after a value beyond 1 the others are known.
      const dark = yield* Stream.runCollect(floats([0, 0], [0, 51], [0, 1]).pipe(Pipeline.normalize()))
      assert.deepStrictEqual(dark[1]!.x.data, Float32Array.of(0, 0.2))
      const told = yield* Stream.runCollect(floats([0, 1]).pipe(Pipeline.normalize({ from: [0, 1], to: [-1, 1] })))
      assert.deepStrictEqual(told[0]!.x.data, Float32Array.of(-1, 1))
    }))
})

describe("standardize", () => {
  const pixels = Stream.succeed({ x: NdArray.make(Uint8Array.of(1, 10, 3, 30), [2, 2]) })

  it.effect("takes one mean and deviation, or one for each channel, or a mixture", () =>
    Effect.gen(function*() {
      const values = (mean: number | ReadonlyArray<number>, stddev: number | ReadonlyArray<number>) =>
        Effect.map(first(pixels.pipe(Pipeline.standardize({ mean, stddev }))), ({ x }) => x.data)
      assert.deepStrictEqual(yield* values(1, 2), Float32Array.of(0, 4.5, 1, 14.5))
      assert.deepStrictEqual(yield* values([2, 20], [1, 10]), Float32Array.of(-1, -1, 1, 1))
      assert.deepStrictEqual(yield* values([2, 20], 10), Float32Array.of(-0.1, -1, 0.1, 1))
      assert.deepStrictEqual(yield* values(0, [1, 10]), Float32Array.of(1, 1, 3, 3))
    }))

  it.effect("names the example with another number of channels", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* failure(pixels.pipe(Pipeline.standardize({ mean: [1, 2, 3], stddev: 1 }))),
        "Pipeline.standardize, element 0: expected x with 3 channels as its last dimension, found [2, 2]"
      )
    }))

  it("refuses deviations that are not positive, and lists of different lengths", () => {
    const refuses = (mean: ReadonlyArray<number>, stddev: ReadonlyArray<number>, message: string) =>
      assert.throws(() => Pipeline.standardize({ mean, stddev }), RangeError, `Pipeline.standardize: ${message}`)
    refuses([0], [1, 0], "stddev of channel 1 is a positive finite number, or one for each channel, got 0")
    refuses([0], [NaN], "stddev of channel 0 is a positive finite number, or one for each channel, got NaN")
    refuses([NaN], [1], "mean of channel 0 is a finite number, or one for each channel, got NaN")
    refuses([0, 0], [1, 1, 1], "stddev is one number or as many as there are means, 2, got 3")
    refuses([], [1], "mean is a finite number, or one for each channel, got none")
  })
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
          NdArray.make([1.9], []),
          String(Math.fround(1.9))
        ], [NdArray.make([NaN], []), "NaN"]] as const
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

  it("refuses a fraction and a seed that are none", () => {
    for (const fraction of [-0.1, 1.1, NaN]) {
      const message = `Pipeline.split: fraction is from 0 to 1, got ${fraction}`
      assert.throws(() => Pipeline.split({ fraction, seed: 4 }), RangeError, message)
    }
    const message = "Pipeline.split: seed is an integer of at least 0, got 0.5"
    assert.throws(() => Pipeline.split({ fraction: 0.5, seed: 0.5 }), RangeError, message)
  })
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
      const message = "Pipeline.prefetch: n is a positive integer, got 0"
      assert.throws(() => Pipeline.prefetch(0), RangeError, message)
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

describe("operators", () => {
  it.effect("take their stream first or last", () =>
    Effect.gen(function*() {
      const source = Stream.range(0, 9).pipe(
        Stream.map((i) => ({ x: NdArray.make([2 + i], [1]), y: NdArray.index(i % 3) }))
      )
      const noise = Datasets.noise({ shape: [2], seed: 1 })
      const same = <A>(first: Stream.Stream<A, unknown>, last: Stream.Stream<A, unknown>) =>
        Effect.gen(function*() {
          const found = yield* Stream.runCollect(first)
          assert.isAbove(found.length, 0)
          assert.deepStrictEqual(found, yield* Stream.runCollect(last))
        })
      const batches = Pipeline.batch(source, 4, { dropRemainder: true })
      yield* same(batches, source.pipe(Pipeline.batch(4, { dropRemainder: true })))
      yield* same(Pipeline.epochs(batches, 2, { skip: 1 }), batches.pipe(Pipeline.epochs(2, { skip: 1 })))
      yield* same(Pipeline.normalize(source), source.pipe(Pipeline.normalize()))
      yield* same(Pipeline.oneHot(source, 3), source.pipe(Pipeline.oneHot(3)))
      yield* same(Pipeline.prefetch(source, 2), source.pipe(Pipeline.prefetch(2)))
      const order = { buffer: 3, seed: 1 }, half = { fraction: 0.5, seed: 1 }, standard = { mean: 4, stddev: 2 }
      yield* same(Pipeline.shuffle(source, order), source.pipe(Pipeline.shuffle(order)))
      yield* same(Pipeline.split(source, half).train, source.pipe(Pipeline.split(half)).train)
      yield* same(Pipeline.standardize(source, standard), source.pipe(Pipeline.standardize(standard)))
      yield* same(
        Pipeline.withNoise(batches, noise, { criticSteps: 2 }),
        batches.pipe(Pipeline.withNoise(noise, { criticSteps: 2 }))
      )
    }))

  it.effect("that read an array refuse what is none", () =>
    Effect.gen(function*() {
      const array: NdArray.NdArray = { data: BigInt64Array.of(1n) as never, shape: [1] }
      const source = Stream.succeed({ x: array, y: array })
      const at = (name: string, key: string) =>
        `Pipeline.${name}, element 0: expected an array of float32, int32 or uint8 that fills its shape (NdArray.make) ` +
        `at ${key}, found BigInt64Array [1]`
      assert.strictEqual(yield* failure(source.pipe(Pipeline.normalize())), at("normalize", "x"))
      assert.strictEqual(
        yield* failure(source.pipe(Pipeline.standardize({ mean: 0, stddev: 1 }))),
        at("standardize", "x")
      )
      assert.strictEqual(yield* failure(source.pipe(Pipeline.oneHot(3))), at("oneHot", "y"))
    }))
})

describe("operators on what is no array", () => {
  const operators = {
    normalize: ["x", Pipeline.normalize()],
    oneHot: ["y", Pipeline.oneHot(3)],
    standardize: ["x", Pipeline.standardize({ mean: 0, stddev: 1 })]
  } as const
  for (const [name, [key, operator]] of Object.entries(operators)) {
    it.effect(`${name} names the first without a ${key}`, () =>
      Effect.gen(function*() {
        const elements = Stream.make({}, { [key]: null }) as Stream.Stream<never>
        for (const stream of [elements, Stream.drop(elements, 1)]) {
          const message = yield* failure(stream.pipe(operator as typeof operators.oneHot[1]))
          assert.match(message, new RegExp(`^Pipeline.${name}, element 0: expected .* at ${key}, found`))
        }
      }))
  }
})
