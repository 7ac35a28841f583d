import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Backend, Key, Layers, Losses, Metrics, NdArray, Optimizers, Pipeline, Train } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"

const ids = (...values: ReadonlyArray<number>) => NdArray.make(Int32Array.from(values), [values.length])

/** Example `i` has 1 to 9 steps. */
const example = (i: number) => ({ x: ids(...Array<number>(1 + (i * 5) % 9).fill(i)), y: NdArray.index(i) })
const examples = (n: number, chunk = 4096) =>
  Stream.range(0, n - 1).pipe(Stream.rechunk(chunk), Stream.map((i) => example(i)))

const failure = <A, E extends { readonly message: string }>(stream: Stream.Stream<A, E>) =>
  Effect.map(Effect.flip(Stream.runDrain(stream)), (error) => error.message)

const first = <A, E>(stream: Stream.Stream<A, E>) => Effect.map(Stream.runCollect(stream), ([a]) => a!)

describe("padBatch", () => {
  it.effect("fills sequences up with zeros to the longest, and says in a mask which steps there are", () =>
    Effect.gen(function*() {
      const source = Stream.make(
        { x: NdArray.make([1, 2, 3, 4], [2, 2]), tags: ids(7, 8), y: NdArray.index(3) },
        { x: NdArray.make([5, 6], [1, 2]), tags: ids(9), y: NdArray.index(4) }
      )
      assert.deepStrictEqual(yield* first(source.pipe(Pipeline.padBatch(2, { padded: ["tags"] }))), {
        x: { x: NdArray.make([1, 2, 3, 4, 5, 6, 0, 0], [2, 2, 2]), mask: NdArray.make([1, 1, 1, 0], [2, 2]) },
        tags: NdArray.make(Int32Array.of(7, 8, 9, 0), [2, 2]),
        y: NdArray.make(Int32Array.of(3, 4), [2]),
        size: 2
      })
      const multiple = yield* first(source.pipe(Pipeline.padBatch(2, { masked: ["tags", "x"], multiple: 4 })))
      assert.deepStrictEqual(multiple.tags, {
        x: NdArray.make(Int32Array.of(7, 8, 0, 0, 9, 0, 0, 0), [2, 4]),
        mask: NdArray.make([1, 1, 0, 0, 1, 0, 0, 0], [2, 4])
      })
      assert.deepStrictEqual(multiple.x.x.shape, [2, 4, 2])
    }))

  it.effect("fills each array of a tree to its own longest, also where there is no step at all", () =>
    Effect.gen(function*() {
      const source = Stream.make({ x: { source: ids(1, 2), target: [ids()] } }, {
        x: { source: ids(), target: [ids()] }
      })
      assert.deepStrictEqual(yield* first(Pipeline.padBatch(source, 2)), {
        x: {
          source: {
            x: NdArray.make(Int32Array.of(1, 2, 0, 0), [2, 2]),
            mask: NdArray.make([1, 1, 0, 0], [2, 2])
          },
          target: [{ x: NdArray.make(Int32Array.of(0, 0), [2, 1]), mask: NdArray.make([0, 0], [2, 1]) }]
        },
        size: 2
      })
    }))

  it.effect("keeps the order and loses nothing, as batch does", () =>
    Effect.gen(function*() {
      for (const [n, size, chunk] of [[0, 2, 1], [7, 2, 4096], [64, 7, 5], [100, 1000, 3]] as const) {
        const source = n === 0 ? Stream.empty : examples(n, chunk)
        const padded = yield* Stream.runCollect(source.pipe(Pipeline.padBatch(size)))
        const batches = yield* Stream.runCollect(source.pipe(Stream.map(({ y }) => ({ y })), Pipeline.batch(size)))
        assert.deepStrictEqual(padded.map(({ size, y }) => ({ y, size })), batches)
      }
      const dropping = examples(7).pipe(Pipeline.padBatch(4, { dropRemainder: true }), Stream.map(({ size }) => size))
      assert.deepStrictEqual(yield* Stream.runCollect(dropping), [4])
    }))

  it.effect("says which example does not fit, and how", () =>
    Effect.gen(function*() {
      const wrong = (second: Pipeline.Example, options?: Pipeline.PadBatchOptions) =>
        failure(
          Stream.make<Array<Pipeline.Example & { readonly x: never }>>(
            { x: NdArray.make([1, 2], [1, 2]) as never },
            second as never
          ).pipe(Pipeline.padBatch(2, options as {}))
        )
      const at = "Pipeline.padBatch, example 1: expected "
      assert.strictEqual(
        yield* wrong({ x: NdArray.make([1, 2, 3], [1, 3]) }),
        `${at}float32 [1, 2] at x, as in the first of the batch, found float32 [1, 3]`
      )
      assert.strictEqual(
        yield* wrong({ x: NdArray.make(Int32Array.of(1, 2), [1, 2]) }),
        `${at}float32 [1, 2] at x, as in the first of the batch, found int32 [1, 2]`
      )
      assert.strictEqual(
        yield* wrong({ y: ids(1) }),
        `${at}float32 [1, 2] at x, as in the first of the batch, found nothing`
      )
      assert.strictEqual(
        yield* wrong({ x: NdArray.index(1) }),
        `${at}a sequence at x, found one value, of the shape []`
      )
      assert.strictEqual(
        yield* wrong({ x: NdArray.make([1, 2], [1, 2]) }, { padded: ["y"] }),
        "Pipeline.padBatch, example 0: expected sequences at y, found { x }"
      )
    }))

  it("refuses options that are none, before there is a stream", () => {
    const refuses = (size: number, options: Pipeline.PadBatchOptions, message: string) =>
      assert.throws(() => Pipeline.padBatch(size, options), RangeError, `Pipeline.padBatch: ${message}`)
    refuses(0, {}, "size is a positive integer, got 0")
    refuses(2, { multiple: 0.5 }, "multiple is a positive integer, got 0.5")
    refuses(2, { padded: ["y", "x"] }, "padded is keys that are not in masked, got \"x\"")
    refuses(2, { buckets: { buffer: 1, seed: 0 } }, "buckets.buffer is at least the size of a batch, 2, got 1")
    refuses(2, { buckets: { buffer: NaN, seed: 0 } }, "buckets.buffer is a positive integer, got NaN")
    refuses(2, { buckets: { buffer: 2, seed: -1 } }, "buckets.seed is an integer of at least 0, got -1")
  })
})

describe("padBatch in buckets", () => {
  const bucketed = (n: number, size: number, buffer: number, seed = 1) =>
    examples(n).pipe(Pipeline.padBatch(size, { buckets: { buffer, seed } }))
  const labels = (batches: ReadonlyArray<{ readonly y: NdArray.NdArray }>) => batches.map(({ y }) => [...y.data])

  it.effect("has each example once, in batches of about one length, of which only the last is not full", () =>
    Effect.gen(function*() {
      for (const [n, size, buffer] of [[90, 10, 90], [95, 10, 90], [95, 10, 35], [7, 10, 20], [90, 10, 10]] as const) {
        const batches = yield* Stream.runCollect(bucketed(n, size, buffer))
        assert.deepStrictEqual(labels(batches).flat().sort((a, b) => a - b), Array.from({ length: n }, (_, i) => i))
        assert.deepStrictEqual(
          batches.map(({ size }) => size),
          Array.from({ length: Math.ceil(n / size) }, (_, i) => Math.min(size, n - i * size))
        )
      }
      // Ten examples of each of nine lengths: nothing is filled up.
      for (const { x } of yield* Stream.runCollect(bucketed(90, 10, 90))) {
        assert.isTrue(x.mask.data.every((counts) => counts === 1))
      }
    }))

  it.effect("comes in an order of the seed and the epoch, which is exact after a skip", () =>
    Effect.gen(function*() {
      const run = (seed: number, options: Pipeline.EpochsOptions = {}) =>
        Stream.runCollect(bucketed(95, 10, 40, seed).pipe(Pipeline.epochs(2, options)))
      const whole = yield* run(1)
      assert.deepStrictEqual(yield* run(1), whole)
      assert.notDeepEqual(labels(yield* run(2)), labels(whole))
      assert.notDeepEqual(labels(whole.slice(0, 10)), labels(whole.slice(10)))
      // Batches that are not in the order of their lengths.
      const lengths = whole.slice(0, 4).map(({ x }) => x.mask.shape[1]!)
      assert.notDeepEqual(lengths, lengths.toSorted((a, b) => a - b))
      for (const skip of [1, 9, 10, 13]) {
        assert.deepStrictEqual(yield* run(1, { skip, length: 10 }), whole.slice(skip))
      }
    }))

  it.effect("reads no further than it holds", () =>
    Effect.gen(function*() {
      let read = 0
      const source = examples(1000, 8).pipe(Stream.map((e) => (read++, e)))
      yield* Stream.runDrain(
        source.pipe(Pipeline.padBatch(8, { buckets: { buffer: 32, seed: 1 } }), Stream.take(2))
      )
      assert.strictEqual(read, 32)
    }))
})

describe("padded batches", () => {
  it.effect("are what layers, losses and metrics of masks take", () =>
    Effect.gen(function*() {
      // Whether there was a 1 before or here, for each step.
      const bits = Stream.range(0, 63).pipe(Stream.map((i) => {
        const values = Array.from({ length: 1 + i % 7 }, (_, j) => (i * 37 >> j) % 5 === 1 ? 1 : 0)
        const y = values.map((_, j) => values.slice(0, j + 1).includes(1) ? 1 : 0)
        return { x: NdArray.make(values, [values.length, 1]), y: ids(...y) }
      }))
      const model = Layers.sequence(
        ["memory", Layers.gru<Layers.Masked>(8)],
        ["head", Layers.timeDistributed<Layers.KernelAndBias, Layers.Empty, Layers.Masked>(Layers.dense(2))]
      )
      const optimizer = Optimizers.adam(0.05), loss = Losses.masked(Losses.softmaxCrossEntropy)
      const supervision = { model, loss, metrics: [Metrics.masked(Metrics.accuracy)] }
      const trainer = yield* Train.make(
        Train.init({ model, optimizer, input: { x: [null, 1], mask: [null] }, key: Key.make(1) }),
        Train.supervised({ ...supervision, optimizer })
      )
      const batches = bits.pipe(Pipeline.padBatch(16, { padded: ["y"], buckets: { buffer: 32, seed: 1 } }))
      yield* batches.pipe(Pipeline.epochs(20), trainer.run, Stream.runDrain)
      const { accuracy } = yield* Train.evaluate(batches, supervision, trainer)
      assert.strictEqual(accuracy, 1)
    }).pipe(Effect.scoped, leavesNoTensor, Effect.provide(Backend.layerWasm)))
})
