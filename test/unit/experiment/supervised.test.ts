import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Schema, Stream } from "effect"
import { Backend, Datasets, Errors, Experiment, Layers, Losses, Metrics, NdArray, Train } from "../../../src/index.ts"

// y = 2 a - b, in 200 rows; of the test rows the first is far off.
const rows = Array.from({ length: 200 }, (_, i) => [Math.sin(i), Math.cos(3 * i)] as const)
const part = (from: number, to: number) => ({
  x: NdArray.make(rows.slice(from, to).map(([a, b]) => [a, b])),
  y: NdArray.make(rows.slice(from, to).map(([a, b], i) => [2 * a - b + (from > 0 && i === 0 ? 10 : 0)]))
})

// sin 11 is -0.99999.
const FAR = 11

const line = Experiment.supervised({
  name: "line",
  config: Schema.Struct({
    ...Experiment.options({ epochs: 30, learningRate: 0.05, validation: 0.2 }),
    bias: Experiment.option(Schema.Boolean, true)
  }),
  data: () => Datasets.fromArrays({ ...part(0, 160), test: part(160, 200) }),
  model: ({ bias }) => Layers.dense(1, { bias }),
  loss: () => Losses.meanSquaredError,
  metrics: () => [Metrics.mean("offBy", (y: tf.Tensor, t: tf.Tensor) => tf.abs(tf.sub(y, t)))]
})

const opened = (json: object) =>
  Effect.flatMap(Experiment.parse("line", line.config, json), (config) => line.open(config))

const run = <A, E>(effect: Effect.Effect<A, E, Backend.Backend>) =>
  Effect.runPromise(Effect.provide(effect, Backend.layerWasm))

describe("a supervised experiment", () => {
  it("says what it is: shapes, sizes, steps, networks, looks", () =>
    run(Effect.gen(function*() {
      const { about, config, steps, stepsPerEpoch, validation } = yield* opened({ batchSize: 10 })
      const { sizes } = about
      assert.strictEqual(sizes.train + sizes.validation, 160)
      assert.isAbove(sizes.validation, 16)
      assert.strictEqual(sizes.test, 40)
      assert.strictEqual(stepsPerEpoch, Math.ceil(sizes.train / 10))
      assert.strictEqual(steps, 30 * stepsPerEpoch)
      assert.strictEqual(about.networks["model"]!.parameters, 3)
      assert.deepStrictEqual(about.show, {
        input: { kind: "row", names: ["1", "2"] },
        target: { kind: "row", names: ["1"] }
      })
      assert.deepStrictEqual(validation, { monitor: "validation.loss", mode: "min" })
      assert.strictEqual(config["bias"], true)
      assert.strictEqual(config["batchSize"], 10)
    })))

  it("trains, validates at the end of each epoch, and tests", () =>
    run(Effect.scoped(Effect.gen(function*() {
      const { about, batches, evaluate, examine, init, step, validating } = yield* opened({})
      const trainer = yield* Train.make(init, step)
      const validated = yield* validating(batches(0).pipe(trainer.run), trainer).pipe(
        Stream.filter((metrics) => metrics["validation"] !== undefined),
        Stream.runCollect
      )
      assert.lengthOf(validated, 30)
      const last = validated.at(-1)!["validation"] as { readonly loss: number; readonly size: number }
      assert.isBelow(last.loss, 1e-3)
      assert.strictEqual(last.size, about.sizes.validation)
      const tested = yield* evaluate!("test", trainer)
      // One of 40 is 10 off: 100 / 40 of the mean of squares, 10 / 40 of that of distances.
      assert.closeTo(tested["loss"] as number, 2.5, 0.1)
      assert.closeTo(tested["offBy"] as number, 0.25, 0.02)
      const { losses, predictions, size, targets, worst } = yield* examine!("test", trainer)
      assert.strictEqual(size, 40)
      assert.deepStrictEqual(targets, part(160, 200).y.data)
      // The loss of an example is the square of its error.
      predictions!.forEach((prediction, i) => assert.closeTo((prediction - targets![i]!) ** 2, losses[i]!, 1e-3))
      assert.strictEqual(losses.length, 40)
      assert.closeTo(losses.reduce((a, b) => a + b) / 40, tested["loss"] as number, 1e-4)
      assert.strictEqual(worst[0]!.index, 0)
      assert.closeTo(worst[0]!.loss, 100, 5)
      assert.deepStrictEqual(worst[0]!.x, { data: Float32Array.from(rows[160]!), shape: [2] })
    }))))

  it("goes on from any step with the same batches", () =>
    run(Effect.gen(function*() {
      const { batches, stepsPerEpoch } = yield* opened({ epochs: 3, batchSize: 16 })
      const all = yield* Stream.runCollect(batches(0))
      assert.lengthOf(all, 3 * stepsPerEpoch)
      assert.deepStrictEqual(yield* Stream.runCollect(batches(stepsPerEpoch + 2)), all.slice(stepsPerEpoch + 2))
    })))

  it("holds the same examples out whatever the seed, and none with a share of 0", () =>
    run(Effect.gen(function*() {
      const held = (json: object) =>
        Effect.flatMap(opened(json), ({ examples }) => Stream.runCollect(examples("validation")))
      assert.deepStrictEqual(yield* held({ seed: 1 }), yield* held({ seed: 2 }))
      const without = yield* opened({ validation: 0 })
      assert.strictEqual(without.about.sizes.train, 160)
      assert.isUndefined(without.validation)
    })))

  it("fails as data for a wrong option of a layer, and where all is held out", () =>
    run(Effect.gen(function*() {
      const broken = Experiment.supervised({
        name: "broken",
        config: Schema.Struct({ ...Experiment.options(), units: Experiment.option(Schema.Int, 0) }),
        data: () => Datasets.fromArrays(part(0, 10)),
        model: ({ units }) => Layers.dense(units),
        loss: () => Losses.meanSquaredError
      })
      const config = yield* Experiment.parse("broken", broken.config, {})
      const error = yield* Effect.flip(broken.open(config))
      assert.instanceOf(error, Errors.DataError)
      assert.include(error.message, "configuration of broken")
      assert.include(error.message, "units")
    })))

  it("examines a classifier: what was taken for what", () =>
    run(Effect.scoped(Effect.gen(function*() {
      const signs = Experiment.supervised({
        name: "signs",
        config: Schema.Struct(Experiment.options({ epochs: 40, learningRate: 0.1, validation: 0 })),
        data: () => {
          const x = NdArray.make(rows.map(([a]) => [a])), labels = Int32Array.from(rows, ([a]) => a > 0 ? 1 : 0)
          // One of the test rows, which is far from the others, has the wrong class.
          const wrong = labels.map((label, i) => i === FAR ? 1 - label : label)
          const of = (y: Int32Array) => ({ x, y: NdArray.make(y, [200]) })
          return Datasets.fromArrays({ ...of(labels), classes: ["negative", "positive"], test: of(wrong) })
        },
        model: () => Layers.dense(2),
        loss: () => Losses.softmaxCrossEntropy,
        metrics: () => [Metrics.accuracy]
      })
      const { about, batches, examine, init, step } = yield* signs.open(
        yield* Experiment.parse("signs", signs.config, {})
      )
      assert.deepStrictEqual(about.show?.target, { kind: "class", classes: ["negative", "positive"] })
      const trainer = yield* Train.make(init, step)
      yield* Stream.runDrain(batches(0).pipe(trainer.run))
      const { labels, matrix, predicted, targets, worst } = yield* examine!("test", trainer)
      assert.isUndefined(targets)
      const mistakes = [...labels!].flatMap((label, i) => label === predicted![i] ? [] : [i])
      assert.strictEqual(matrix!.total, 200)
      assert.closeTo(matrix!.accuracy, 1 - mistakes.length / 200, 1e-12)
      assert.include(mistakes, FAR)
      assert.strictEqual(worst[0]!.index, FAR)
      assert.deepStrictEqual(worst.map(({ index }) => index).sort(), mistakes.slice().sort())
    }))))

  it("examines a classifier whose targets are rows of classes as one whose targets are indices", () =>
    run(Effect.gen(function*() {
      const labels = Int32Array.from(rows, ([a]) => a > 0 ? 1 : 0), x = NdArray.make(rows.map(([a]) => [a]))
      const classes = ["negative", "positive"]
      const of = (y: NdArray.NdArray) =>
        Effect.scoped(Effect.gen(function*() {
          const dataset = { ...(yield* Datasets.fromArrays({ x, y, test: { x, y } })), classes }
          const signs = Experiment.supervised({
            name: "signs",
            data: () => dataset,
            model: () => Layers.dense(2),
            loss: () => Losses.softmaxCrossEntropy
          })
          const { examine, init, step } = yield* signs.open(yield* Experiment.parse("signs", signs.config, {}))
          return yield* examine!("test", yield* Train.make(init, step))
        }))
      const indices = yield* of(NdArray.make(labels, [200]))
      const rowsOf = yield* of(NdArray.make(Array.from(labels, (label) => [1 - label, label])))
      assert.deepStrictEqual(rowsOf.labels, labels)
      assert.deepStrictEqual(rowsOf.matrix, indices.matrix)
      assert.deepStrictEqual(rowsOf.predicted, indices.predicted)
    })))

  it("has a classifier in two classes that one logit tells apart", () =>
    run(Effect.gen(function*() {
      const labels = Int32Array.from(rows, ([a]) => a > 0 ? 1 : 0), x = NdArray.make(rows.map(([a]) => [a]))
      const names = ["negative", "positive"], index = NdArray.make(labels, [200])
      const column = NdArray.make(Array.from(labels, (label) => [label]))
      const of = (y: NdArray.NdArray, classes: ReadonlyArray<string>) =>
        Effect.scoped(Effect.gen(function*() {
          const signs = Experiment.supervised({
            name: "signs",
            config: Schema.Struct(Experiment.options({ epochs: 5, learningRate: 0.1, validation: 0 })),
            data: () => Datasets.fromArrays({ x, y, test: { x, y }, classes }),
            model: () => Layers.dense(1),
            loss: () => (logits: tf.Tensor, truth: tf.Tensor) =>
              Losses.binaryCrossEntropy(logits, tf.reshape(truth, [-1, 1])),
            ...(classes.length > 0 ? {} : {
              show: () => ({ input: { kind: "row", names: ["a"] }, target: { kind: "class", classes: names } })
            })
          })
          const opened = yield* signs.open(yield* Experiment.parse("signs", signs.config, {}))
          const trainer = yield* Train.make(opened.init, opened.step)
          yield* Stream.runDrain(opened.batches(0).pipe(trainer.run))
          assert.deepStrictEqual(opened.about.classes, names)
          assert.deepStrictEqual(opened.about.show?.target, { kind: "class", classes: names })
          const { matrix, predictions, scores, worst, ...examined } = yield* opened.examine!("test", trainer)
          assert.isUndefined(predictions)
          assert.deepStrictEqual(examined.labels, labels)
          assert.deepStrictEqual(scores!.shape, [200, 2])
          // What is predicted is the sign of the logit, and what is worst is wrong.
          const said = Array.from(rows, (_, i) => scores!.data[2 * i + 1]! > 0 ? 1 : 0)
          assert.deepStrictEqual(Array.from(examined.predicted!), said)
          const right = said.filter((label, i) => label === labels[i]).length
          assert.strictEqual(matrix!.accuracy, right / 200)
          assert.lengthOf(worst, Math.min(24, 200 - right))
          const { confusion } = yield* trainer.use((state) => opened.inspections.evaluate!(state))
          assert.deepStrictEqual(confusion, NdArray.make(matrix!.counts))
        }))
      yield* of(index, names)
      yield* of(column, names)
      // The classes are known of how targets are looked at.
      yield* of(column, [])
    })))

  it("counts no classes where targets are none", () =>
    run(Effect.gen(function*() {
      const x = NdArray.make(rows.map(([a]) => [a, a]))
      const same = Experiment.supervised({
        name: "same",
        data: () => Datasets.fromArrays({ x, y: x, test: { x, y: x }, classes: ["a", "b", "c"] }),
        model: () => Layers.dense(2),
        loss: () => Losses.meanSquaredError
      })
      const { init, inspections } = yield* same.open(yield* Experiment.parse("same", same.config, {}))
      const { confusion, size } = yield* Effect.flatMap(init, (state) => inspections.evaluate!(state))
      assert.isUndefined(confusion)
      assert.isAbove(size, 0)
    })))

  it("refuses a name that no folder could have, and a best validation by what is not measured", () =>
    run(Effect.gen(function*() {
      const of = (name: string, monitor: string) =>
        Experiment.supervised({
          name,
          data: () => Datasets.fromArrays(part(0, 10)),
          model: () => Layers.dense(1),
          loss: () => Losses.meanSquaredError,
          best: { monitor, mode: "max" }
        })
      assert.throws(() => of("../up", "loss"), RangeError, "Experiment.supervised: a name is of letters")
      const mine = of("mine", "acuracy")
      const error = yield* Effect.flip(
        Effect.flatMap(Experiment.parse("mine", mine.config, {}), (config) => mine.open(config))
      )
      assert.include(error.message, "best.monitor: one of loss, got acuracy")
    })))
})
