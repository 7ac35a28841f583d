import { assert, describe, it } from "@effect/vitest"
import { Effect, Result, Stream } from "effect"
import { NdArray, Pipeline } from "effect-neuron"

const example = (i: number) => ({ x: NdArray.make([i, 10 * i], [2]), y: NdArray.index(i) })
const examples = (n: number, chunk = 4096) =>
  Stream.range(0, n - 1).pipe(Stream.rechunk(chunk), Stream.map((i) => example(i)))

const failure = <A, E extends { readonly message: string }>(stream: Stream.Stream<A, E>) =>
  Effect.map(Effect.flip(Stream.runDrain(stream)), (error) => error.message)

describe("batch", () => {
  it.effect("stacks along a new first dimension and keeps the element types", () =>
    Effect.gen(function*() {
      const source = Stream.make(
        { a: NdArray.make([1, 2], [2, 1]), b: NdArray.index(7), c: NdArray.make(Uint8Array.of(1, 2, 3), [3]) },
        { a: NdArray.make([3, 4], [2, 1]), b: NdArray.index(8), c: NdArray.make(Uint8Array.of(4, 5, 6), [3]) }
      )
      const [batch] = yield* Stream.runCollect(source.pipe(Pipeline.batch(2)))
      assert.deepStrictEqual(batch, {
        a: { data: Float32Array.of(1, 2, 3, 4), shape: [2, 2, 1] },
        b: { data: Int32Array.of(7, 8), shape: [2] },
        c: { data: Uint8Array.of(1, 2, 3, 4, 5, 6), shape: [2, 3] },
        size: 2
      })
    }))

  it.effect("stacks trees of records and arrays", () =>
    Effect.gen(function*() {
      const source = Stream.make(
        { x: { image: NdArray.make([1], [1]), words: [NdArray.index(1), NdArray.index(2)] } },
        { x: { image: NdArray.make([2], [1]), words: [NdArray.index(3), NdArray.index(4)] } }
      )
      const [batch] = yield* Stream.runCollect(source.pipe(Pipeline.batch(2)))
      assert.deepStrictEqual(batch, {
        x: {
          image: { data: Float32Array.of(1, 2), shape: [2, 1] },
          words: [{ data: Int32Array.of(1, 3), shape: [2] }, { data: Int32Array.of(2, 4), shape: [2] }]
        },
        size: 2
      })
    }))

  it.effect("loses nothing and keeps the order, whatever the size and the chunks are", () =>
    Effect.gen(function*() {
      for (const n of [0, 1, 7, 64, 100]) {
        for (const size of [1, 2, 7, 64, 1000]) {
          for (const chunk of [1, 5, 4096]) {
            const batches = yield* Stream.runCollect((n === 0 ? Stream.empty : examples(n, chunk)).pipe(
              Pipeline.batch(size)
            ))
            assert.deepStrictEqual(
              batches.flatMap(({ y }) => Array.from(y.data)),
              Array.from({ length: n }, (_, i) => i)
            )
            assert.deepStrictEqual(
              batches.map((batch) => batch.size),
              Array.from({ length: Math.ceil(n / size) }, (_, i) => Math.min(size, n - i * size))
            )
          }
        }
      }
    }))

  it.effect("drops a short last batch when asked to", () =>
    Effect.gen(function*() {
      const sizes = (n: number) =>
        Stream.runCollect(
          examples(n).pipe(Pipeline.batch(4, { dropRemainder: true }), Stream.map(({ size }) => size))
        )
      assert.deepStrictEqual(yield* sizes(10), [4, 4])
      assert.deepStrictEqual(yield* sizes(8), [4, 4])
      assert.deepStrictEqual(yield* sizes(3), [])
    }))

  it.effect("reads no further than the batches that are taken", () =>
    Effect.gen(function*() {
      let read = 0
      const source = examples(1000, 8).pipe(Stream.map((e) => (read++, e)))
      yield* Stream.runDrain(source.pipe(Pipeline.batch(8), Stream.take(2)))
      assert.strictEqual(read, 16)
    }))

  it("refuses a size that is no positive integer, before there is a stream", () => {
    for (const size of [0, -1, 1.5, NaN, Infinity]) {
      const message = `Pipeline.batch: size is a positive integer, got ${size}`
      assert.throws(() => Pipeline.batch(size), RangeError, message)
      assert.throws(() => Pipeline.batch(examples(3), size), RangeError, message)
    }
  })

  it.effect("refuses what is no host array, with its place", () =>
    Effect.gen(function*() {
      const expected = "an array of float32, int32 or uint8 that fills its shape (NdArray.make)"
      const others: ReadonlyArray<readonly [unknown, string]> = [
        [{ data: Float64Array.of(0.5), shape: [1] }, "Float64Array [1]"],
        [{ data: BigInt64Array.of(1n), shape: [] }, "BigInt64Array []"],
        [{ data: new Float32Array(5), shape: [2, 3] }, "float32 [2, 3] with 5 values"],
        [{ data: new Float32Array(0), shape: [NaN] }, "float32 of the shape [NaN]"],
        [3, "3"],
        [null, "null"],
        [new Date(0), "Date"]
      ]
      for (const [x, found] of others) {
        const wrong = { x: { a: x } } as never, good = { x: { a: NdArray.make([1], [1]) } }
        assert.strictEqual(
          yield* failure(Stream.make<[Pipeline.Example]>(wrong).pipe(Pipeline.batch(1))),
          `Pipeline.batch, example 0: expected ${expected} at x.a, found ${found}`
        )
        assert.strictEqual(
          yield* failure(Stream.make<Array<Pipeline.Example>>(good, wrong).pipe(Pipeline.batch(2))),
          `Pipeline.batch, example 1: expected float32 [1] at x.a, as in the first of the batch, found ${found}`
        )
      }
    }))

  it.effect("names the array and the example that does not fit, after the batches before it", () =>
    Effect.gen(function*() {
      const seen: Array<number> = []
      const odd: Pipeline.Example = { ...example(5), x: NdArray.make([1, 2, 3], [3]) }
      const source = Stream.concat(examples(5), Stream.succeed(odd)).pipe(
        Pipeline.batch(2),
        Stream.tap(({ size }) => Effect.sync(() => seen.push(size)))
      )
      assert.strictEqual(
        yield* failure(source),
        "Pipeline.batch, example 5: expected float32 [2] at x, as in the first of the batch, found float32 [3]"
      )
      assert.deepStrictEqual(seen, [2, 2])
    }))

  it.effect("finds differences of shape, element type, keys and structure", () =>
    Effect.gen(function*() {
      const first: Pipeline.Example = { x: { a: NdArray.make([1, 2], [2]) } }
      const wrong = (second: Pipeline.Example) => failure(Stream.make(first, second).pipe(Pipeline.batch(2)))
      const at = (expected: string, found: string) =>
        `Pipeline.batch, example 1: expected ${expected}, as in the first of the batch, found ${found}`
      assert.strictEqual(
        yield* wrong({ x: { a: NdArray.make([1, 2], [1, 2]) } }),
        at("float32 [2] at x.a", "float32 [1, 2]")
      )
      assert.strictEqual(
        yield* wrong({ x: { a: NdArray.make(Int32Array.of(1, 2), [2]) } }),
        at("float32 [2] at x.a", "int32 [2]")
      )
      assert.strictEqual(yield* wrong({ x: { b: NdArray.make([1, 2], [2]) } }), at("float32 [2] at x.a", "nothing"))
      assert.strictEqual(yield* wrong({ y: first["x"]! }), at("{ a } at x", "nothing"))
      assert.strictEqual(yield* wrong({ x: first["x"]!, y: NdArray.index(1) }), at("{ x }", "{ x, y }"))
      assert.strictEqual(yield* wrong({ x: NdArray.index(1) }), at("{ a } at x", "int32 []"))
    }))

  it("does not let an array take the name of the size", () => {
    const result = Pipeline.stack([{ size: NdArray.index(1) }])
    assert.isTrue(
      Result.isFailure(result) &&
        result.failure.message ===
          "Pipeline.batch, example 0: expected no array named size, which is the batch's own, found int32 []"
    )
    assert.isTrue(Result.isFailure(Pipeline.stack([])))
  })
})
