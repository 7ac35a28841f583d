import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Datasets, Pipeline } from "effect-neuron"

const collect = (options: Datasets.DigitsOptions, split: Datasets.Split = "train") =>
  Stream.runCollect(Datasets.digits(options)[split])

describe("digits", () => {
  it.effect("has the shapes, types, ranges and conventions of mnist", () =>
    Effect.gen(function*() {
      const data = Datasets.digits()
      assert.deepStrictEqual(data.shapes, { x: [28, 28, 1], y: [] })
      assert.deepStrictEqual(data.sizes, { train: 60_000, test: 10_000 })
      assert.deepStrictEqual(data.classes, ["0", "1", "2", "3", "4", "5", "6", "7", "8", "9"])
      for (const { x, y } of yield* collect({ train: 500 })) {
        assert.deepStrictEqual(x.shape, [28, 28, 1])
        assert.instanceOf(x.data, Float32Array)
        assert.strictEqual(x.data.length, 784)
        assert.instanceOf(y.data, Int32Array)
        assert.deepStrictEqual(y.shape, [])
        assert.isTrue(y.data[0]! >= 0 && y.data[0]! <= 9)
        assert.isTrue(x.data.every((value) => value >= 0 && value <= 1 && Math.abs(value * 255 % 1 - 0.5) > 0.499))
      }
    }))

  it.effect("draws each digit in white, about in the middle, away from the edge", () =>
    Effect.gen(function*() {
      for (const { x } of yield* collect({ train: 2000 })) {
        let ink = 0, alongX = 0, alongY = 0, onEdge = 0
        x.data.forEach((value, i) => {
          const column = i % 28, row = Math.floor(i / 28)
          ink += value
          alongX += value * column
          alongY += value * row
          if (column === 0 || column === 27 || row === 0 || row === 27) onEdge += value
        })
        assert.isTrue(ink > 15 && ink < 300, `ink ${ink}`)
        assert.isTrue(Math.abs(alongX / ink - 13.5) < 5 && Math.abs(alongY / ink - 13.5) < 5)
        assert.isAtMost(onEdge, 0.5)
      }
    }))

  it.effect("makes an example a function of the seed, the split and its index alone", () =>
    Effect.gen(function*() {
      const few = yield* collect({ train: 70, test: 5, seed: 3 })
      assert.deepStrictEqual((yield* collect({ train: 300, seed: 3 })).slice(0, 70), few)
      assert.deepStrictEqual(yield* collect({ train: 70, test: 5, seed: 3 }), few)
      const images = [
        few[0],
        few[1],
        (yield* collect({ train: 1, seed: 4 }))[0],
        (yield* collect({ test: 1, seed: 3 }, "test"))[0]
      ].map((example) => example!.x.data.join())
      assert.strictEqual(new Set(images).size, 4)
    }))

  it.effect("has about as many of each class, all of them different", () =>
    Effect.gen(function*() {
      const examples = yield* collect({ train: 5000 })
      const counts = Array.from({ length: 10 }, (_, label) => examples.filter(({ y }) => y.data[0] === label).length)
      // Five standard deviations of a binomial count of mean 500.
      for (const count of counts) assert.isBelow(Math.abs(count - 500), 106)
      assert.strictEqual(new Set(examples.map(({ x }) => x.data.join())).size, 5000)
    }))

  it.effect("can be learned, though not with a template for each class", () =>
    Effect.gen(function*() {
      const train = yield* collect({ train: 4000 }), test = yield* collect({ test: 300 }, "test")
      const distance = (a: ArrayLike<number>, b: ArrayLike<number>) => {
        let sum = 0
        for (let i = 0; i < a.length; i++) sum += (a[i]! - b[i]!) ** 2
        return sum
      }
      const nearest = (candidates: ReadonlyArray<{ x: ArrayLike<number>; label: number }>, image: ArrayLike<number>) =>
        candidates.reduce((best, { label, x }) => {
          const d = distance(x, image)
          return d < best.d ? { d, label } : best
        }, { d: Infinity, label: -1 }).label
      const accuracy = (candidates: ReadonlyArray<{ x: ArrayLike<number>; label: number }>) =>
        test.filter(({ x, y }) => nearest(candidates, x.data) === y.data[0]).length / test.length

      const neighbors = train.map(({ x, y }) => ({ x: x.data, label: y.data[0]! }))
      const means = Array.from({ length: 10 }, (_, label) => {
        const own = neighbors.filter((neighbor) => neighbor.label === label)
        return {
          label,
          x: Array.from({ length: 784 }, (_, i) => own.reduce((sum, { x }) => sum + x[i]!, 0) / own.length)
        }
      })
      assert.isAbove(accuracy(neighbors), 0.85)
      assert.isBelow(accuracy(means), 0.8)
    }))

  it.effect("goes through a pipeline", () =>
    Effect.gen(function*() {
      const batches = yield* Stream.runCollect(
        Datasets.digits({ train: 100 }).train.pipe(
          Pipeline.shuffle({ buffer: 50, seed: 1 }),
          Pipeline.batch(32),
          Pipeline.epochs(2)
        )
      )
      assert.deepStrictEqual(batches.map(({ x }) => x.shape[0]), [32, 32, 32, 4, 32, 32, 32, 4])
    }))
})
