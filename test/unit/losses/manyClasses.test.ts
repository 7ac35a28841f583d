import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect, Result, Stream } from "effect"
import { Autodiff, Backend, Key, Layers, Losses, NdArray, Optimizers, Train, Tree } from "effect-neuron"
import { clustersOf } from "../../../src/layers/clusters.ts"
import { ofUnknown } from "../../../src/losses/adaptiveSoftmax.ts"
import { rowsOf } from "../../../src/losses/rows.ts"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { assertClose, randomTensor, toTensor } from "../../support/numbers.ts"
import { reference } from "../../support/reference.ts"

const training = (seed: number): Layers.Mode => ({ training: true, key: Key.make(seed) })

const integers = (values: ReadonlyArray<number>, shape: ReadonlyArray<number>): Tensor =>
  tf.tensor([...values], [...shape], "int32")

const gradients = <P extends Tree.Tree>(f: (p: P) => Tensor, p: P): P =>
  Autodiff.valueAndGrad((p: P) => [f(p), 0] as const)(p).grads

for (const [backend, backendLayer] of backends) {
  describe(`losses of many classes on ${backend}`, () => {
    const test = (name: string, program: () => void) =>
      it.effect(name, () => Effect.provide(leavesNoTensor(Backend.tensors("losses", program)), backendLayer))

    test("adaptiveSoftmax is that of PyTorch, with its gradients, and so are the probabilities", () => {
      const cases = reference("sequenceLosses").filter(({ name }) => name === "adaptiveSoftmax")
      assert.lengthOf(cases, 2)
      for (const { config, gradInput, gradOutput, input, output, ...rest } of cases) {
        const tails = config.cutoffs.map((_: number, i: number) => ({
          down: toTensor(rest[`down${i}`]),
          up: toTensor(rest[`up${i}`])
        }))
        const given: Layers.AdaptiveSoftmax = { hidden: toTensor(input), head: toTensor(rest["head"]), tails }
        const target = toTensor(rest["target"], "int32"), weights = toTensor(gradOutput)
        const expected = { shape: gradOutput.shape, data: output as unknown as ReadonlyArray<number> }
        assertClose(Losses.adaptiveSoftmax(given, target), expected)
        // What was computed is not looked at on a GPU, where all clusters are computed for all.
        const rows = rowsOf("test", given, target, config.classes, {})
        assertClose(tf.reshape(ofUnknown(given, rows, clustersOf(given)), [...expected.shape]), expected)
        const found = gradients(
          (p: Layers.AdaptiveSoftmax) => tf.sum(tf.mul(Losses.adaptiveSoftmax(p, target), weights)),
          given
        )
        assertClose(found.hidden, gradInput)
        assertClose(found.head, rest["gradients"].head)
        found.tails.forEach(({ down, up }, i) => {
          assertClose(down, rest["gradients"][`down${i}`], 1e-5, `down${i}`)
          assertClose(up, rest["gradients"][`up${i}`], 1e-5, `up${i}`)
        })
        const { hidden, ...params } = given, { classes, cutoffs, divisor } = config
        const [logs] = Layers.adaptiveSoftmax({ classes, cutoffs, divisor }).apply(params, {}, hidden, training(1))
        assert.deepStrictEqual(logs.shape, [...input.shape.slice(0, -1), classes])
        assertClose(tf.reshape(logs, [-1, classes]), rest["logs"])
      }
    })

    test("adaptiveSoftmax costs nothing for what does not count, and keeps a gradient for clusters of none", () => {
      const options = { classes: 12, cutoffs: [3, 7] }, layer = Layers.adaptiveSoftmax<Layers.Masked>(options)
      const { params } = Result.getOrThrow(layer.init(Key.make(1), { x: [3, 6], mask: [3] }))
      const x = randomTensor(2, [2, 3, 6]), y = integers([1, -1, 5, -1, 4, 0], [2, 3]), ignoring = { ignoreIndex: -1 }
      const { values, weight } = Losses.adaptiveSoftmax({ hidden: x, ...params }, y, ignoring)
      assertClose(weight, { shape: [2, 3], data: [1, 0, 1, 0, 1, 1] })
      // By a mask, where what does not count may be anything, classes of no model too.
      const mask = tf.tensor2d([[1, 0, 2], [1, 1, 0.5]]),
        spoiled = tf.where(tf.greater(tf.expandDims(mask, 2), 0), x, NaN)
      const hidden = Layers.adaptiveSoftmax<Layers.Masked>({ ...options, returns: "hidden" })
      const [given] = hidden.apply(params, {}, { x: spoiled, mask }, training(1))
      const masked = Losses.adaptiveSoftmax(given, integers([1, 99, 5, -1, 4, 0], [2, 3]), ignoring) as Losses.Weighted
      assertClose(masked.weight, { shape: [2, 3], data: [1, 0, 2, 0, 1, 0.5] })
      assertClose(tf.mul(masked.values, weight), tf.mul(values, weight), 1e-6)
      const [{ x: all }] = layer.apply(params, {}, { x, mask }, training(1))
      const expected = tf.neg(tf.sum(tf.mul(all, tf.oneHot(y, 12)), -1))
      assertClose(tf.mul(values, weight), tf.mul(expected, weight))
      const f = ({ params, x }: { readonly params: Layers.AdaptiveSoftmaxParams; readonly x: Tensor }) => {
        const { values, weight } = Losses.adaptiveSoftmax({ hidden: x, ...params }, y, ignoring)
        return tf.sum(tf.mul(values, weight))
      }
      const found = gradients(f, { params, x })
      assertClose(found.params.tails[1]!.up, tf.zerosLike(params.tails[1]!.up), 0)
      assertClose(tf.slice(found.x, [0, 1, 0], [1, 1, 6]), tf.zeros([1, 1, 6]), 0)
      const none = Losses.adaptiveSoftmax({ hidden: x, ...params }, tf.neg(tf.onesLike(y)), ignoring)
      assertClose(tf.mul(none.values, none.weight), tf.zeros([2, 3]), 0)
      checkGradients(f, { params, x })
      checkGradients(
        (p: { readonly params: Layers.AdaptiveSoftmaxParams; readonly x: Tensor }) =>
          Tree.leaves(gradients(f, p)).reduce<Tensor>(
            (sum, slope) => tf.add(sum, tf.sum(tf.square(slope))),
            tf.scalar(0)
          ),
        { params, x },
        { tolerance: 1e-2 }
      )
    })

    test("sampledSoftmax is the cross entropy among the candidates, corrected by how likely they are", () => {
      const classes = 50, samples = 12, hidden = randomTensor(1, [2, 3, 4]), table = randomTensor(2, [classes, 4])
      const [given] = Layers.candidates({ samples }).apply({}, {}, { hidden, table }, training(3))
      const ids = Array.from(given.candidates.ids.dataSync()), tries = given.candidates.tries.dataSync()[0]!
      // One of the targets is among the candidates.
      const y = [ids[4]!, 49, 7, 0, 20, 3], target = integers(y, [2, 3])
      const rows = tf.reshape(hidden, [6, 4]).arraySync() as Array<Array<number>>
      const vectors = table.arraySync() as Array<Array<number>>
      const logit = (row: number, id: number): number => {
        const p = Math.log((id + 2) / (id + 1)) / Math.log(classes + 1)
        const product = rows[row]!.reduce((sum, x, i) => sum + x * vectors[id]![i]!, 0)
        return product - Math.log(1 - (1 - p) ** tries)
      }
      const expected = y.map((id, row) => {
        const own = logit(row, id), others = ids.filter((other) => other !== id).map((other) => logit(row, other))
        return Math.log([own, ...others].reduce((sum, x) => sum + Math.exp(x), 0)) - own
      })
      assertClose(Losses.sampledSoftmax(given, target), { shape: [2, 3], data: expected })
      const { values, weight } = Losses.sampledSoftmax(given, integers([y[0]!, -1, 7, 0, 20, -1], [2, 3]), {
        ignoreIndex: -1
      })
      assertClose(weight, { shape: [2, 3], data: [1, 0, 1, 1, 1, 0] })
      assertClose(tf.mul(values, weight), { shape: [2, 3], data: expected.map((x, i) => i % 4 === 1 ? 0 : x) })
      const f = (p: Layers.HiddenAndTable) =>
        tf.sum(tf.mul(Losses.sampledSoftmax({ ...p, candidates: given.candidates }, target), randomTensor(9, [2, 3])))
      checkGradients(f, { hidden, table })
      checkGradients(
        (p: Layers.HiddenAndTable) =>
          tf.add(tf.sum(tf.square(gradients(f, p).hidden)), tf.sum(tf.square(gradients(f, p).table))),
        { hidden, table }
      )
    })

    test("sampledSoftmax is the whole cross entropy where a model is tested", () => {
      const hidden = randomTensor(1, [2, 4]), table = randomTensor(2, [9, 4]), target = integers([8, 0], [2])
      const mode = { training: false, key: Key.make(1) }
      const [given] = Layers.candidates({ samples: 3 }).apply({}, {}, { hidden, table }, mode)
      assertClose(
        Losses.sampledSoftmax(given, target),
        Losses.softmaxCrossEntropy(tf.matMul(hidden as tf.Tensor2D, table as tf.Tensor2D, false, true), target)
      )
    })

    test("linearCrossEntropy is softmaxCrossEntropy of the products, with weights where not all positions count", () => {
      const hidden = randomTensor(1, [2, 3, 4]), table = randomTensor(2, [7, 4])
      const logits = tf.reshape(
        tf.matMul(tf.reshape(hidden, [6, 4]) as tf.Tensor2D, table as tf.Tensor2D, false, true),
        [2, 3, 7]
      )
      const y = integers([0, 6, -1, 3, 3, -1], [2, 3]), counted = integers([0, 6, 2, 3, 3, 2], [2, 3])
      assertClose(
        Losses.linearCrossEntropy({ hidden, table }, counted),
        Losses.softmaxCrossEntropy(logits, counted),
        1e-6
      )
      const options = { labelSmoothing: 0.1, ignoreIndex: -1 }
      const expected = Losses.softmaxCrossEntropy(logits, y, options)
      const found = Losses.linearCrossEntropy({ hidden, table }, y, options)
      assertClose(found.weight, expected.weight, 0)
      assertClose(tf.mul(found.values, found.weight), tf.mul(expected.values, expected.weight), 1e-6)
      // What does not count may be anything.
      const mask = tf.tensor2d([[1, 2, 0], [1, 1, 0]])
      const spoiled = tf.where(tf.greater(tf.expandDims(mask, 2), 0), hidden, NaN)
      const f = (p: Layers.HiddenAndTable) => {
        const { values, weight } = Losses.linearCrossEntropy({ ...p, mask }, integers([0, 6, 99, 3, 3, 99], [2, 3]))
        return tf.sum(tf.mul(values, weight))
      }
      const all = Losses.softmaxCrossEntropy(logits, counted)
      assertClose(f({ hidden: spoiled, table }), tf.sum(tf.mul(all, mask)))
      const { hidden: slopes, table: ofTable } = gradients(f, { hidden: spoiled, table })
      assertClose(slopes, gradients(f, { hidden, table }).hidden)
      assertClose(ofTable, gradients(f, { hidden, table }).table)
    })

    test("say what they expect", () => {
      const tails = [{ down: tf.zeros([8, 2]), up: tf.zeros([2, 4]) }]
      const adaptive = { hidden: tf.zeros([2, 8]), head: tf.zeros([8, 3]), tails }
      const given = { hidden: tf.zeros([2, 8]), table: tf.zeros([5, 8]) }
      const [sampled] = Layers.candidates({ samples: 2 }).apply({}, {}, given, training(1))
      const cases: ReadonlyArray<readonly [message: string, () => unknown]> = [
        [
          "adaptiveSoftmax expects class indices from 0 to 5, got 6",
          () => Losses.adaptiveSoftmax(adaptive, integers([0, 6], [2]))
        ],
        [
          "adaptiveSoftmax expects a target of shape [2] (class indices) for a prediction of shape [2, 8], got [3]",
          () => Losses.adaptiveSoftmax(adaptive, integers([0, 6, 1], [3]))
        ],
        [
          "sampledSoftmax expects class indices from 0 to 4, or -1 (ignoreIndex), got 5",
          () => Losses.sampledSoftmax(sampled, integers([-1, 5], [2]), { ignoreIndex: -1 })
        ],
        [
          "sampledSoftmax expects a prediction of shape [batch, ..., features], got [8]",
          () => Losses.sampledSoftmax({ ...sampled, hidden: tf.zeros([8]) }, integers([], [0]))
        ],
        [
          "linearCrossEntropy expects class indices from 0 to 4, got 5",
          () => Losses.linearCrossEntropy(given, integers([0, 5], [2]))
        ],
        [
          "linearCrossEntropy expects a target of shape [2] (class indices) for a prediction of shape [2, 8], got [3]",
          () => Losses.linearCrossEntropy(given, integers([0, 1, 2], [3]))
        ],
        [
          "linearCrossEntropy: labelSmoothing is from 0 to 1, got -1",
          () => Losses.linearCrossEntropy(given, integers([0, 1], [2]), { labelSmoothing: -1 })
        ],
        [
          "adaptiveSoftmax: cutoffs are below its 10 classes, got [3, 10]",
          () => Layers.adaptiveSoftmax({ classes: 10, cutoffs: [3, 10] })
        ],
        [
          "adaptiveSoftmax: cutoffs is one or more ascending positive integers, got [3, 3]",
          () => Layers.adaptiveSoftmax({ classes: 10, cutoffs: [3, 3] })
        ],
        ["candidates: samples is a positive integer, got 0", () => Layers.candidates({ samples: 0 })]
      ]
      for (const [message, f] of cases) assert.throws(f as () => void, message)
    })
  })
}

describe("models of many classes", () => {
  const x = NdArray.make(Int32Array.of(0, 3, 1, 7, 5, 2), [2, 3]),
    y = NdArray.make(Int32Array.of(3, 1, 0, 5, 2, 9), [2, 3])
  const batch = { x, y, size: 2, endOfEpoch: false }, optimizer = Optimizers.adam(0.05)

  /** Learns the batch, and what it is then, by the same parameters, with all probabilities. */
  const learns = <
    P extends Tree.Tree,
    S extends Tree.Tree,
    Y extends Tree.Tree,
    W extends Tree.Tree,
    V extends Tree.Tree
  >(
    model: Layers.Layer<P, S, Tensor, Y>,
    loss: Losses.Loss<Y>,
    whole: Layers.Layer<W, V>,
    of: (weights: { readonly params: P; readonly state: S }) => { readonly params: W; readonly state: V }
  ) =>
    Effect.gen(function*() {
      const trainer = yield* Train.make(
        Train.init({ model, optimizer, input: [3], key: Key.make(1) }),
        Train.supervised({ model, optimizer, loss })
      )
      const losses = yield* Stream.fromIterable(Array.from({ length: 60 }, () => batch)).pipe(
        trainer.run,
        Stream.map(({ loss }) => loss),
        Stream.runCollect
      )
      const batches = Stream.make(batch), tested = yield* Train.evaluate(batches, { model, loss }, trainer)
      const all = { model: whole, loss: Losses.softmaxCrossEntropy }
      const expected = yield* Train.evaluate(batches, all, of(yield* trainer.state))
      assert.isBelow(losses.at(-1)!, losses[0]! / 4)
      assert.approximately(tested.loss, expected.loss, 1e-5)
    }).pipe(Effect.scoped, leavesNoTensor, Effect.provide(Backend.layerWasm))

  it.effect("are trained by candidates, and tested by all classes", () => {
    const options = { size: 10, features: 4 }, body = Layers.dense(4)
    return learns(
      Layers.sequence(["model", Layers.tied({ ...options, returns: "hidden" }, body)], [
        "candidates",
        Layers.candidates({ samples: 5 })
      ]),
      Losses.sampledSoftmax,
      Layers.tied(options, body),
      ({ params, state }) => ({ params: params.model, state: state.model })
    )
  })

  it.effect("are trained by states and the table, and tested by all classes", () => {
    const options = { size: 10, features: 4 }, body = Layers.dense(4)
    return learns(
      Layers.tied({ ...options, returns: "hidden" }, body),
      Losses.linearCrossEntropy,
      Layers.tied(options, body),
      (weights) => weights
    )
  })

  it.effect("are trained by clusters, and tested by all classes", () => {
    const options = { classes: 10, cutoffs: [2, 6] }, embedding = Layers.embedding({ size: 10, features: 4 })
    return learns(
      Layers.sequence(["words", embedding], ["head", Layers.adaptiveSoftmax({ ...options, returns: "hidden" })]),
      Losses.adaptiveSoftmax,
      Layers.sequence(["words", embedding], ["head", Layers.adaptiveSoftmax(options)]),
      (weights) => weights
    )
  })
})

describe("candidates", () => {
  it.effect("are as likely as the loss takes them to be, and the same for the same key", () =>
    Backend.tensors("candidates", () => {
      const classes = 30, layer = Layers.candidates({ samples: 6 }), runs = 2000
      const x = { hidden: tf.zeros([1, 1]), table: tf.zeros([classes, 1]) }, counts = new Float64Array(classes)
      const expected = new Float64Array(classes)
      for (let seed = 0; seed < runs; seed++) {
        tf.tidy(() => {
          const { ids, tries } = layer.apply({}, {}, x, training(seed))[0].candidates
          ids.dataSync().forEach((id) => counts[id]!++)
          const drawn = tries.dataSync()[0]!
          expected.forEach((_, id) => {
            const p = Math.log((id + 2) / (id + 1)) / Math.log(classes + 1)
            expected[id]! += 1 - (1 - p) ** drawn
          })
        })
      }
      // About four standard deviations.
      counts.forEach((count, id) => assert.approximately(count / runs, expected[id]! / runs, 0.045, String(id)))
      const drawn = (seed: number) => Array.from(layer.apply({}, {}, x, training(seed))[0].candidates.ids.dataSync())
      assert.deepStrictEqual(drawn(5), drawn(5))
      assert.notDeepEqual(drawn(5), drawn(6))
      const all = Layers.candidates({ samples: classes }).apply({}, {}, x, training(1))[0].candidates.ids.dataSync()
      assert.deepStrictEqual(Array.from(all).sort((a, b) => a - b), Array.from({ length: classes }, (_, i) => i))
    }).pipe(leavesNoTensor, Effect.provide(Backend.layerWasm)))
})
