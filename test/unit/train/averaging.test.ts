import { assert, layer } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Backend, Checkpoint, Train, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { batch, batches, init, model, step, supervision } from "../../support/training.ts"

const averaged = Train.withAverage(init), x = Stream.make(batch(50))

const values = (tree: Tree.Tree) => Tree.leaves(tree).map((leaf) => Array.from(leaf.dataSync()))

const take = (count: number) => Stream.take(batches, count)

/** The parameters after each of some steps, one list of numbers each, by a training without an average. */
const course = (count: number) =>
  Effect.gen(function*() {
    const trainer = yield* Train.make(init, step), params: Array<ReadonlyArray<number>> = []
    const look = Effect.map(trainer.state, (state) => params.push(values(state.params).flat()))
    yield* look
    yield* Stream.runDrain(Stream.tap(trainer.run(take(count)), () => look))
    return params
  })

/** What an average of some vectors is, by weights of which the sum is one. */
const mean = (vectors: ReadonlyArray<ReadonlyArray<number>>, weights: ReadonlyArray<number>) =>
  vectors[0]!.map((_, j) => vectors.reduce((sum, vector, i) => sum + weights[i]! * vector[j]!, 0))

const N = 6, D = 0.8

const cases: ReadonlyArray<
  readonly [name: string, decay: Train.AveragingOptions["decay"], weights: ReadonlyArray<number>]
> = [
  // Weights of the parameters before the first step, after it, and so on.
  ["a decay is that of optax, debiased", D, [
    0,
    ...Array.from({ length: N }, (_, i) => (1 - D) * D ** (N - 1 - i) / (1 - D ** N))
  ]],
  ["n / (n + 1) is the mean of all", (n) => n / (n + 1), [0, ...Array.from({ length: N }, () => 1 / N)]],
  ["0 once, and then a decay, is the averaged model of PyTorch", (n) => n === 0 ? 0 : D, [
    0,
    D ** (N - 1),
    ...Array.from({ length: N - 1 }, (_, i) => (1 - D) * D ** (N - 2 - i))
  ]],
  ["a decay without a correction begins with the first parameters", () => D, [
    D ** N,
    ...Array.from({ length: N }, (_, i) => (1 - D) * D ** (N - 1 - i))
  ]]
]

layer(Backend.layerWasm)("an average of parameters", (it) => {
  for (const [name, decay, weights] of cases) {
    it.effect(`${name}, and changes no step`, () =>
      Effect.gen(function*() {
        const params = yield* course(N)
        const trainer = yield* Train.make(averaged, Train.averaging(step, { decay }))
        yield* Stream.runDrain(trainer.run(take(N)))
        const state = yield* trainer.state
        assert.deepStrictEqual(values(state.params).flat(), params[N])
        const expected = mean(params, weights)
        values(state.average).flat().forEach((value, j) => assert.approximately(value, expected[j]!, 2e-6))
      }).pipe(Effect.scoped, leavesNoTensor))
  }

  it.effect("goes on from a checkpoint to the bit, also from one without it", () =>
    Effect.gen(function*() {
      const averaging = Train.averaging({ decay: 0.9 })(step)
      const whole = yield* Train.make(averaged, averaging), first = yield* Train.make(averaged, averaging)
      yield* Stream.runDrain(whole.run(take(5)))
      yield* Stream.runDrain(first.run(take(3)))
      const bytes = yield* Effect.flatMap(first.state, (state) => Checkpoint.encode(state))
      const again = yield* Train.make(Checkpoint.decode(bytes, averaged), averaging)
      yield* Stream.runDrain(again.run(Stream.drop(take(5), 3)))
      assert.deepStrictEqual(values(yield* again.state), values(yield* whole.state))
      const plain = yield* Train.make(init, step)
      const without = yield* Effect.flatMap(plain.state, (state) => Checkpoint.encode(state))
      const begun = yield* Train.make(Train.withAverage(Checkpoint.decode(without, init)), averaging)
      yield* Stream.runDrain(begun.run(take(5)))
      assert.deepStrictEqual(values(yield* begun.state), values(yield* whole.state))
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("is what predictions, evaluations and validations use where it is lent", () =>
    Effect.gen(function*() {
      const trainer = yield* Train.make(averaged, Train.averaging(step, { decay: 0.9 }))
      const [validated] = yield* take(3).pipe(
        trainer.run,
        Train.validating({ ...supervision, trainer: Train.averageOf(trainer), batches: x, every: 3 }),
        Stream.drop(2),
        Stream.runCollect
      )
      const state = yield* trainer.state, weights = { params: state.average, state: state.state }
      assert.deepStrictEqual(Train.averageOf(state), weights)
      const figures = yield* Train.evaluate(x, supervision, weights)
      assert.deepStrictEqual(validated!.validation, figures)
      assert.deepStrictEqual(yield* Train.evaluate(x, supervision, Train.averageOf(trainer)), figures)
      const [average] = yield* Stream.runCollect(Train.predict(x, model, Train.averageOf(trainer)))
      const [last] = yield* Stream.runCollect(Train.predict(x, model, trainer))
      assert.notDeepEqual(average, last)
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("leaves nothing behind a step that fails, or its own failure; and a wrong decay is refused", () =>
    Effect.gen(function*() {
      const failing = Train.averaging(step, {
        decay: (n) => {
          if (n === 1) throw new Error("no share")
          return 0.5
        }
      })
      const trainer = yield* Train.make(averaged, failing)
      const error = yield* Effect.flip(Stream.runDrain(trainer.run(batches)))
      assert.include(String(error), "no share")
      assert.strictEqual((yield* trainer.state).step, 1)
      for (const decay of [-0.1, 1, NaN]) assert.throws(() => Train.averaging(step, { decay }), RangeError)
    }).pipe(Effect.scoped, leavesNoTensor))
})
