import { assert, describe, layer } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result, Stream } from "effect"
import {
  Autodiff,
  Backend,
  Initializers,
  Key,
  Layers,
  Losses,
  Metrics,
  NdArray,
  Optimizers,
  Random,
  Train,
  Tree
} from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"

const CLASSES = 3, SIZE = 12
const model = Layers.dense(CLASSES), optimizer = Optimizers.sgd(0.1)
const loss = (y: tf.Tensor, t: tf.Tensor) =>
  Losses.softmaxCrossEntropy(y, t, { ignoreIndex: -1, classWeights: [1, 2, 0.5] })
const ignoring = { ignoreIndex: -1 }
const metrics = [Metrics.accuracy(ignoring), Metrics.perplexity(ignoring), Metrics.confusion(CLASSES, ignoring)]
const supervision = { model, loss, metrics: [Metrics.accuracy(ignoring), Metrics.perplexity(ignoring)] } as const
const init = Train.init({ model, optimizer, input: [4], key: Key.make(3) })

const labels = Int32Array.from({ length: SIZE }, (_, i) => i % 5 === 4 ? -1 : i * 7 % CLASSES)
const weights = Float32Array.from({ length: SIZE }, (_, i) => i % 4 / 2)
const data = Random.normal(Key.make(8), SIZE * 4)

/** Examples `from` to `to`, weighted. */
const part = (from: number, to: number, weighted = true) => ({
  x: NdArray.make(data.slice(from * 4, to * 4), [to - from, 4]),
  y: NdArray.make(labels.slice(from, to), [to - from]),
  size: to - from,
  ...(weighted ? { weight: NdArray.make(weights.slice(from, to), [to - from]) } : {})
})

const values = (tree: Tree.Tree) => Tree.leaves(tree).flatMap((leaf) => Array.from(leaf.dataSync()))
const close = (found: ReadonlyArray<number>, expected: ReadonlyArray<number>, within = 1e-5) => {
  assert.strictEqual(found.length, expected.length)
  found.forEach((x, i) => assert.approximately(x, expected[i]!, within))
}
const state = Effect.acquireRelease(init, (state) => Effect.sync(() => Tree.disposeExcept(state)))

/** The cross entropy of one row of logits with its label, in float64. */
const entropy = (logits: ReadonlyArray<number>, label: number) =>
  Math.log(logits.reduce((sum, z) => sum + Math.exp(z), 0)) - logits[label]!

layer(Backend.layerWasm)("Reductions", (it) => {
  it.effect("the loss is Σ w v / Σ w over sample, class and ignored weights, with its gradient", () =>
    Effect.gen(function*() {
      const current = yield* state
      const found = yield* Backend.tensors("test", () => {
        const logits = tf.add(tf.matMul(tf.tensor2d(data, [SIZE, 4]), current.params.kernel), current.params.bias)
        const rows = logits.arraySync() as Array<Array<number>>
        let total = 0, weight = 0
        rows.forEach((row, i) => {
          const label = labels[i]!
          if (label < 0) return
          const w = weights[i]! * [1, 2, 0.5][label]!
          total += w * entropy(row, label)
          weight += w
        })
        const { grads, measured, weight: counted } = Train.gradients(supervision)(current, part(0, SIZE))
        assert.approximately((counted as tf.Scalar).dataSync()[0]!, weight, 1e-5)
        // The gradient of the bias is Σ w (softmax - one-hot) / Σ w.
        const expected = [0, 1, 2].map((c) =>
          rows.reduce((sum, row, i) => {
            const label = labels[i]!
            if (label < 0) return sum
            const p = Math.exp(row[c]!) / row.reduce((s, z) => s + Math.exp(z), 0)
            return sum + weights[i]! * [1, 2, 0.5][label]! * (p - Number(label === c)) / weight
          }, 0)
        )
        close(values(grads.bias), expected, 1e-6)
        return { loss: Metrics.compute(measured.loss, measured.loss.parts), expected: total / weight }
      })
      assert.approximately(found.loss, found.expected, 1e-6)
    }).pipe(Effect.scoped, leavesNoTensor))

  describe("accumulate", () => {
    for (const weighted of [false, true]) {
      for (const n of [1, 2, 5, 12, 40]) {
        it.effect(`in ${n} parts equals the whole batch, weighted: ${weighted}`, () =>
          Effect.gen(function*() {
            const current = yield* state, batch = part(0, SIZE, weighted), gradients = Train.gradients(supervision)
            yield* Backend.tensors("test", () => {
              const whole = gradients(current, batch), parts = Train.accumulate(n)(gradients)(current, batch)
              close(values(parts.grads), values(whole.grads), 1e-6)
              assert.strictEqual(parts.measured.size, SIZE)
              for (const name of ["loss", "accuracy", "perplexity"] as const) {
                const [a, b] = [parts.measured[name], whole.measured[name]]
                assert.approximately(Metrics.compute(a, a.parts), Metrics.compute(b, b.parts), 1e-6, name)
              }
            })
          }).pipe(Effect.scoped, leavesNoTensor))
      }
    }

    it.effect("folds keys by part and hands the running state on", () =>
      Effect.gen(function*() {
        const seen: Array<readonly [Key.Key, number]> = []
        const counter = Layers.make<{}, { readonly n: number }>({
          name: "counter",
          init: () => assert.fail("not called"),
          apply: (_, { n }, x, { key }) => {
            seen.push([key, n])
            return [x, { n: n + 1 }]
          }
        })
        const current = { step: 4, params: {}, state: { n: 0 }, key: Key.make(1) }
        const batch = { x: NdArray.make([1, 2], [2, 1]), y: NdArray.make([1, 2], [2, 1]), size: 2 }
        yield* Backend.tensors("test", () => {
          const gradients = Train.gradients({ model: counter, loss: Losses.meanSquaredError })
          const { state } = Train.accumulate(gradients, 2)(current, batch)
          assert.strictEqual(state.n, 2)
        })
        const key = Key.fold(Key.make(1), 4)
        assert.deepStrictEqual(seen, [[Key.fold(key, 0), 0], [Key.fold(key, 1), 1]])
      }).pipe(leavesNoTensor))

    it.effect("cuts what has a row for each example, and gives every part the rest", () =>
      Effect.gen(function*() {
        const batch = { x: NdArray.make([1, 2, 3], [3, 1]), y: { t: NdArray.index(2) }, size: 3 }
        const current = { step: 0, params: {}, state: {}, key: Key.make(1) }, seen: Array<unknown> = []
        yield* Backend.tensors("test", () =>
          Train.accumulate((_: typeof current, { size, x, y }: typeof batch) => {
            seen.push([[...x.data], [...y.t.data], size])
            return { grads: {}, state: {}, measured: { size }, weight: size }
          }, 2)(current, batch).measured)
        assert.deepStrictEqual(seen, [[[1], [2], 1], [[2, 3], [2], 2]])
      }))

    it.effect("makes a step", () =>
      Effect.gen(function*() {
        const gradients = Train.accumulate(3)(Train.gradients(supervision)), update = Train.update(optimizer)
        type State = Effect.Success<typeof init>
        const step = Train.step(() => "accumulated", (current: State, batch: ReturnType<typeof part>) => {
          const found = gradients(current, batch)
          return [update(current, found), found.measured]
        })
        const run = (step: typeof whole) =>
          Effect.scoped(Effect.gen(function*() {
            const trainer = yield* Train.make(init, step)
            const metrics = yield* Stream.make(part(0, SIZE), part(3, 9)).pipe(trainer.run, Stream.runCollect)
            return [metrics.map(({ loss }) => loss), values((yield* trainer.state).params)] as const
          }))
        const whole = Train.supervised({ ...supervision, optimizer })
        const [losses, params] = yield* run(step as typeof whole), [expected, wholeParams] = yield* run(whole)
        close(losses, expected, 1e-6)
        close(params, wholeParams, 1e-6)
      }).pipe(leavesNoTensor))
  })

  it.effect("metrics are the same at once, over batches of any cut, and in any association", () =>
    Effect.gen(function*() {
      const current = yield* state, tested = { model, loss, metrics }
      const evaluate = (cuts: ReadonlyArray<number>) =>
        Train.evaluate(Stream.fromIterable(cuts.slice(1).map((to, i) => part(cuts[i]!, to))), tested, current)
      const whole = yield* evaluate([0, SIZE])
      const same = (found: typeof whole) => {
        assert.strictEqual(found.size, SIZE)
        assert.approximately(found.loss, whole.loss, 1e-6)
        assert.approximately(found.perplexity, whole.perplexity, 1e-6)
        assert.approximately(found.accuracy, whole.accuracy, 1e-12)
        assert.deepStrictEqual(found.confusion, whole.confusion)
        assert.approximately(found.accuracy, found.confusion.accuracy, 1e-6)
      }
      for (let seed = 0; seed < 10; seed++) {
        const cuts = [
          ...new Set([0, ...Array.from(Random.uniform(Key.make(seed), 4), (u) => Math.floor(u * SIZE)), SIZE])
        ]
          .sort((a, b) => a - b)
        same(yield* evaluate(cuts))
        const shards = yield* Effect.forEach(cuts.slice(1), (to, i) => evaluate([cuts[i]!, to]))
        const [first, ...rest] = shards
        same(Metrics.merge(shards))
        same(rest.length === 0 ? first! : Metrics.merge([first!, Metrics.merge(rest)]))
        same(shards.reduce((a, b) => Metrics.merge([a, b])))
      }
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("an epoch of batches measures what one batch of all of its examples does", () =>
    Effect.gen(function*() {
      const optimizer = Optimizers.scale(0)
      const epoch = (cuts: ReadonlyArray<number>) =>
        Effect.scoped(Effect.gen(function*() {
          const trainer = yield* Train.make(
            Train.init({ model, optimizer, input: [4], key: Key.make(3) }),
            Train.supervised({ ...supervision, optimizer })
          )
          const batches = cuts.slice(1).map((to, i) =>
            Object.assign(part(cuts[i]!, to), { epoch: 0, endOfEpoch: to === SIZE })
          )
          const steps = yield* Stream.fromIterable(batches).pipe(trainer.run, Stream.runCollect)
          const [perEpoch] = yield* Stream.runCollect(Metrics.perEpoch(Stream.fromIterable(steps)))
          const running = yield* Stream.runCollect(Metrics.running(Stream.fromIterable(steps)))
          return [perEpoch!, running.at(-1)!] as const
        }))
      const [whole] = yield* epoch([0, SIZE])
      for (const found of yield* epoch([0, 1, 5, 7, SIZE])) {
        assert.approximately(found.loss, whole.loss, 1e-6)
        assert.approximately(found.perplexity, whole.perplexity, 1e-6)
        assert.strictEqual(found.accuracy, whole.accuracy)
      }
    }).pipe(leavesNoTensor))

  it.effect("perplexities of 10 and 1000 are 100 together", () =>
    Effect.gen(function*() {
      const logits = [10, 1000].map((p) => NdArray.make([0, Math.log(p - 1)], [1, 2]))
      const identity = Layers.activation("identity", (x) => x), y = NdArray.make([0], [1])
      const trainer = yield* Train.make(
        Train.init({ model: identity, optimizer, input: [2], key: Key.make(1) }),
        Train.supervised({
          model: identity,
          optimizer,
          loss: Losses.softmaxCrossEntropy,
          metrics: [Metrics.perplexity()]
        })
      )
      const epochs = yield* Stream.fromIterable(logits.map((x, i) => ({ x, y, size: 1, endOfEpoch: i === 1 }))).pipe(
        trainer.run,
        Metrics.perEpoch(),
        Stream.runCollect
      )
      assert.approximately(epochs[0]!.perplexity, 100, 1e-3)
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("masked positions count by the mask, and what does not count may be anything", () =>
    Backend.tensors("test", () => {
      const x = tf.tensor3d([[[1, 0], [NaN, Infinity]], [[0, 3], [2, 2]]]), mask = tf.tensor2d([[1, 0], [1, 0.5]])
      const target = tf.tensor2d([[0, 1], [0, 1]], [2, 2], "int32")
      const masked = Losses.masked(Losses.softmaxCrossEntropy)
      const f = (x: tf.Tensor) => {
        const { values, weight } = masked({ x, mask }, target)
        return [tf.div(tf.sum(tf.mul(values, weight)), tf.sum(weight)), 0] as const
      }
      const expected = (entropy([1, 0], 0) + entropy([0, 3], 0) + 0.5 * entropy([2, 2], 1)) / 2.5
      assert.approximately(f(x)[0].arraySync() as number, expected, 1e-6)
      assert.approximately(
        Metrics.compute(Metrics.masked(Metrics.accuracy), [
          Metrics.masked(Metrics.accuracy).measure({ x, mask }, target, tf.tensor1d([1, 2]))
        ]),
        1 / 4,
        1e-6
      )
    }).pipe(leavesNoTensor))

  it.effect("masked targets may be anything where they do not count, to second order", () =>
    Backend.tensors("test", () => {
      const x = tf.tensor3d([[[1, 0], [3, 4]]]), mask = tf.tensor2d([[1, 0]])
      const mean = (loss: Losses.Loss, target: tf.Tensor) => (x: tf.Tensor) => {
        const { values, weight } = Losses.masked(loss)({ x, mask }, target)
        return [tf.sum(tf.mul(values, weight)), 0] as [tf.Scalar, number]
      }
      const squares = mean(Losses.meanSquaredError, tf.tensor3d([[[3, 0], [NaN, Infinity]]]))
      const first = (x: tf.Tensor) => Autodiff.valueAndGrad(squares)(x)
      const second = Autodiff.valueAndGrad((x: tf.Tensor) =>
        [tf.sum(tf.square(first(x).grads)), 0] as [tf.Scalar, number]
      )
      assert.strictEqual(first(x).value.arraySync(), 2)
      close(values(first(x).grads), [-2, 0, 0, 0])
      close(values(second(x).grads), [-4, 0, 0, 0])
      for (const dtype of ["int32", "float32"] as const) {
        const labels = tf.tensor2d([[1, -1]], [1, 2], dtype), entropies = mean(Losses.softmaxCrossEntropy, labels)
        assert.approximately(Autodiff.valueAndGrad(entropies)(x).value.arraySync(), entropy([1, 0], 1), 1e-6)
        const accuracy = Metrics.masked(Metrics.accuracy)
        assert.strictEqual(Metrics.compute(accuracy, [accuracy.measure({ x, mask }, labels)]), 0)
        assert.throws(
          () => mean(Losses.softmaxCrossEntropy, tf.tensor2d([[-1, 1]], [1, 2], dtype))(x),
          RangeError,
          "softmaxCrossEntropy expects class indices from 0 to 1, got -1"
        )
      }
    }).pipe(leavesNoTensor))

  it.effect("examples of weight 0 may have any target: the step is that of the others", () =>
    Effect.gen(function*() {
      const x = NdArray.make([1, 2, 3, 4], [4, 1]), weight = NdArray.make([0, 1, 0, 2], [4])
      const body = Layers.dense(2)
      const both = Layers.stateless<{ readonly body: Layers.KernelAndBias }, tf.Tensor, { a: tf.Tensor; b: tf.Tensor }>(
        {
          name: "both",
          init: (key, input) =>
            Result.map(
              body.init(key, input),
              ({ params }) => ({ params: { body: params }, output: { a: [2], b: [2] } })
            ),
          apply: (params, x, mode) => {
            const [y] = body.apply(params.body, {}, x, mode)
            return { a: y, b: y }
          }
        }
      )
      const init = Train.init({ model: both, optimizer, input: [1], key: Key.make(1) })
      const current = yield* Effect.acquireRelease(init, (state) => Effect.sync(() => Tree.disposeExcept(state)))
      // The relative error has no gradient at a target of 0, and the last leaf has no row for each example.
      const gradients = Train.gradients({
        model: both,
        loss: ({ a, b }, t: { readonly a: tf.Tensor; readonly b: tf.Tensor; readonly scale: tf.Tensor }) =>
          tf.add(
            tf.mean(tf.square(tf.div(tf.sub(a, t.a), tf.mul(t.a, t.scale))), 1),
            Losses.softmaxCrossEntropy(b, t.b)
          )
      })
      const of = (a: ReadonlyArray<number>, b: ReadonlyArray<number>, counts = weight) =>
        Backend.tensors("test", () => {
          const y = {
            a: NdArray.make(a, [4, 2]),
            b: NdArray.make(Int32Array.from(b), [4]),
            scale: NdArray.make([2], [])
          }
          const { grads, measured } = gradients(current, { x, y, size: 4, weight: counts })
          return [...values(grads), Metrics.compute(measured.loss, measured.loss.parts)]
        })
      const expected = yield* of([1, 1, 3, 4, 1, 1, 7, 8], [0, 1, 0, 1])
      assert.isTrue(expected.every((x) => Number.isFinite(x) && x !== 0))
      assert.deepStrictEqual(yield* of([NaN, 1, 3, 4, Infinity, 0, 7, 8], [-1, 1, 9, 1]), expected)
      const none = yield* of(
        [NaN, 1, 3, 4, Infinity, 0, 7, 8],
        [-1, 1, 9, 1],
        NdArray.make([0, 0, 0, 0], [4])
      )
        .pipe(Effect.map((found) => found.at(-1)))
      assert.strictEqual(none, 0)
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("names that are a step's own, and names twice, are refused where the supervision is made", () =>
    Effect.sync(() => {
      const named = (...names: ReadonlyArray<string>) => ({
        model,
        loss: Losses.softmaxCrossEntropy,
        metrics: names.map((name) => Object.assign({}, Metrics.accuracy, { name }))
      })
      for (const name of ["step", "loss", "size", "epoch", "endOfEpoch", "weight"]) {
        assert.throws(() => Train.gradients(named(name)), RangeError, `a metric cannot be named ${name}`)
        assert.throws(() => Train.evaluate(named(name), { params: {}, state: {} } as never), RangeError)
      }
      assert.throws(() => Train.supervised({ ...named("a", "a"), optimizer }), RangeError, "two metrics are named a")
    }))

  it.effect("errors name the loss, the metric, the weights and the labels that are wrong", () =>
    Effect.gen(function*() {
      const current = yield* state, batch = part(0, 4)
      const message = (
        options: Partial<Train.Supervision<never, never, tf.Tensor, tf.Tensor, tf.Tensor, Metrics.Metric<"m">>>,
        b = batch
      ) =>
        Effect.map(
          Effect.flip(
            Train.supervised({ ...supervision, metrics: [], ...options, optimizer } as never)(
              current as never,
              b as never
            )
          ),
          (e) => e.message
        )
      assert.match(
        yield* message({ loss: (y, t) => tf.mean(Losses.meanSquaredError(y, tf.oneHot(tf.cast(t, "int32"), 3))) }),
        /the loss gives values of shape \[\], expected \[4\] or \[4, positions…\]/
      )
      assert.match(
        yield* message({ metrics: [Metrics.mean("m", (y: tf.Tensor) => tf.sum(y))] }),
        /the metric m gives values of shape \[\], expected \[4\]/
      )
      assert.match(
        yield* message({}, { ...batch, weight: NdArray.make([1, 2, 3], [3]) }),
        /weight: expected \[4\], one number for each example, got \[3\]/
      )
      assert.match(yield* message({}, { ...batch, weight: NdArray.make([1, 2, -3, 0], [4]) }), /0 or more, got -3/)
      assert.match(
        yield* message({}, { ...batch, y: NdArray.make(Int32Array.of(0, 1, 2, 3), [4]) }),
        /^train step 1, .*: softmaxCrossEntropy expects class indices from 0 to 2, or -1 \(ignoreIndex\), got 3$/
      )
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("weights of nothing are a loss of 0 and no step at all", () =>
    Effect.gen(function*() {
      const current = yield* state
      yield* Backend.tensors("test", () => {
        const { grads, measured } = Train.gradients(supervision)(current, {
          ...part(0, 4),
          weight: NdArray.make([0, 0, 0, 0], [4])
        })
        assert.strictEqual(Metrics.compute(measured.loss, measured.loss.parts), 0)
        assert.isTrue(values(grads).every((x) => x === 0))
      })
    }).pipe(Effect.scoped, leavesNoTensor))

  it.effect("without weights a step runs no more kernels than those of its operations", () =>
    Effect.gen(function*() {
      const model = Layers.dense(CLASSES, { kernelInitializer: Initializers.ones }), loss = Losses.softmaxCrossEntropy
      const current = yield* Effect.acquireRelease(
        Train.init({ model, optimizer, input: [4], key: Key.make(1) }),
        (state) => Effect.sync(() => Tree.disposeExcept(state))
      )
      const batch = { ...part(0, 4, false), y: NdArray.make(Int32Array.of(0, 1, 2, 0), [4]) }
      yield* Backend.tensors("test", () => {
        const count = (f: () => unknown) => {
          const engine = tf.engine() as unknown as { readonly runKernel: (...args: Array<unknown>) => unknown }
          const names: Array<string> = [], original = engine.runKernel
          Object.assign(engine, {
            runKernel: (...args: Array<unknown>) => {
              names.push(String(args[0]))
              return original.apply(engine, args)
            }
          })
          try {
            f()
          } finally {
            Reflect.deleteProperty(engine, "runKernel")
          }
          return names
        }
        const found = count(() => Train.gradients({ model, loss })(current, batch))
        const bare = count(() => {
          const x = tf.tensor2d(batch.x.data as Float32Array, [4, 4]),
            y = tf.tensor1d(batch.y.data as Int32Array, "int32")
          const mode = { training: true, key: Key.make(1) }
          return Autodiff.valueAndGrad((params: typeof current.params) => {
            const [prediction, state] = model.apply(params, {}, x, mode)
            return [tf.mean(loss(prediction, y)), { prediction, state }]
          })(current.params)
        })
        assert.isAtLeast(bare.length, 5)
        assert.deepStrictEqual(found, bare)
      })
    }).pipe(Effect.scoped, leavesNoTensor))
})
