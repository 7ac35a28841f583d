import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend, Key, Ops } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { assertClose, randomTensor, toTensor } from "../../support/numbers.ts"
import { reference } from "../../support/reference.ts"

type Params = { readonly [name: string]: Tensor }
type Options = Omit<Ops.AttentionOptions, "query" | "key" | "value" | "bias">

const attended = ({ bias, key, query, value }: Params, options: Options): Tensor =>
  Ops.attention({ query: query!, key: key!, value: value!, ...(bias === undefined ? {} : { bias }), ...options })

/** A scalar that depends on all of the result. */
const value = (params: Params, options: Options): Tensor => {
  const y = attended(params, options)
  return tf.sum(tf.mul(y, randomTensor(7, y.shape)))
}

const gradients = (params: Params, options: Options): Params =>
  Autodiff.valueAndGrad((p: Params) => [value(p, options), 0] as const)(params).grads

interface Size {
  readonly batch?: number
  readonly time?: number
  readonly keyTime?: number
  readonly heads?: number
  readonly keyHeads?: number
  readonly size?: number
}

const paramsOf = ({ batch = 2, heads = 2, keyHeads = heads, keyTime, size = 3, time = 4 }: Size): Params => ({
  query: randomTensor(1, [batch, time, heads, size]),
  key: randomTensor(2, [batch, keyTime ?? time, keyHeads, size]),
  value: randomTensor(3, [batch, keyTime ?? time, keyHeads, size])
})

for (const [backend, layer] of backends) {
  describe(`attention as PyTorch has it, on ${backend}`, () => {
    for (const c of reference("attention")) {
      it.effect(c.name, () =>
        Effect.provide(
          Backend.tensors(c.name, () => {
            const params = Object.fromEntries(Object.entries(c.params).map(([name, v]) => [name, toTensor(v)]))
            const mask = c["mask"] === undefined ? {} : { mask: toTensor(c["mask"]) }
            const options = { ...c.config, ...mask }
            assertClose(attended(params, options), c.output)
            const weighted = (p: Params) => tf.sum(tf.mul(attended(p, options), toTensor(c.gradOutput)))
            const { grads } = Autodiff.valueAndGrad((p: Params) => [weighted(p), 0] as const)(params)
            for (const name of Object.keys(params)) assertClose(grads[name]!, c.gradParams[name]!, 1e-5, name)
          }).pipe(leavesNoTensor),
          layer
        ))
    }
  })
}

const padding = [[1, 1, 0, 1], [0, 0, 0, 0]]

describe("attention", () => {
  it.effect("has gradients of two orders", () =>
    Effect.provide(
      Backend.tensors("gradients", () => {
        const bias = () => ({ bias: randomTensor(4, [1, 2, 1, 4]) })
        const dropout = { rate: 0.4, key: Key.make(1) }
        const cases: ReadonlyArray<readonly [Params, Options]> = [
          [paramsOf({}), {}],
          [paramsOf({ heads: 4, keyHeads: 2 }), { causal: true }],
          [{ ...paramsOf({ time: 2, keyTime: 4 }), ...bias() }, { mask: tf.tensor2d(padding) }],
          [paramsOf({}), { causal: true, window: 2, slopes: [0.5, 0.1], scale: 0.3 }],
          [paramsOf({ keyTime: 5 }), { dropout }]
        ]
        for (const [params, options] of cases) {
          checkGradients((p: Params) => value(p, options), params)
          const slopes = (p: Params) =>
            tf.addN(
              Object.values(gradients(p, options)).map((g, i) => tf.sum(tf.mul(g, randomTensor(20 + i, g.shape))))
            )
          checkGradients(slopes, params, { tolerance: 1e-2 })
        }
      }).pipe(leavesNoTensor),
      Backend.layerWasm
    ))

  it.effect("gives 0 where no key counts, without a gradient", () =>
    Effect.provide(
      Backend.tensors("masked", () => {
        const params = paramsOf({}), options = { mask: tf.tensor2d(padding) }
        const grads = gradients(params, options)
        for (const tensor of [attended(params, options), ...Object.values(grads)]) {
          assert.isTrue(tf.slice(tensor, 1, 1).dataSync().every((x) => x === 0))
          assert.isTrue(tf.slice(tensor, 0, 1).dataSync().every(Number.isFinite))
        }
        // Nor is there one of the key that does not count in the other example.
        assert.isTrue(tf.slice(grads["value"]!, [0, 2, 0, 0], [1, 1, -1, -1]).dataSync().every((x) => x === 0))
      }).pipe(leavesNoTensor),
      Backend.layerWasm
    ))

  it.effect("drops weights as the key says, on every backend", () =>
    Effect.gen(function*() {
      const draw = Backend.tensors("dropout", () => {
        // The weights are all 1 / 20, and the values are such that each weight is read off.
        const query = tf.zeros([2, 6, 2, 20]), value = tf.tile(tf.reshape(tf.eye(20), [1, 20, 1, 20]), [2, 1, 2, 1])
        const of = (seed: number) =>
          Ops.attention({ query, key: value, value, dropout: { rate: 0.25, key: Key.make(seed) } }).dataSync()
        return [of(1), of(1), of(2)] as const
      })
      const [[a, b, c], [onCpu]] = [
        yield* Effect.provide(draw, Backend.layerWasm),
        yield* Effect.provide(draw, Backend.layerCpu)
      ]
      assert.deepStrictEqual(a, b)
      assert.notDeepEqual(a, c)
      assert.deepStrictEqual(a.map(Math.sign), onCpu.map(Math.sign))
      const kept = a.filter((x) => x > 0)
      assert.isTrue(kept.every((x) => Math.abs(x - 1 / 15) < 1e-6))
      assert.approximately(kept.length / a.length, 0.75, 0.05)
    }))

  it.effect("refuses what does not fit", () =>
    Effect.provide(
      Backend.tensors("refused", () => {
        const query = tf.zeros([2, 3, 4, 5]), key = tf.zeros([2, 6, 2, 5]), given = { query, key, value: key }
        const shapes: ReadonlyArray<readonly [object, string]> = [
          [{ query: tf.zeros([2, 3, 5]) }, "attention expects a query [batch, time, heads, size], got [2, 3, 5]"],
          [
            { key: tf.zeros([2, 6, 3, 5]) },
            "attention expects a key [2, keyTime, a divisor of 4 heads, 5], got [2, 6, 3, 5]"
          ],
          [
            { key: tf.zeros([1, 6, 2, 5]) },
            "attention expects a key [2, keyTime, a divisor of 4 heads, 5], got [1, 6, 2, 5]"
          ],
          [{ value: tf.zeros([2, 7, 2, 5]) }, "attention expects a value [2, 6, 2, 5], as its key, got [2, 7, 2, 5]"],
          [{ mask: tf.zeros([2, 3]) }, "attention expects a mask [2, 6] or one for [2, 4, 3, 6], got [2, 3]"],
          [
            { mask: tf.zeros([2, 4, 3, 5]) },
            "attention expects a mask [2, 6] or one for [2, 4, 3, 6], got [2, 4, 3, 5]"
          ],
          [{ bias: tf.zeros([4, 6]) }, "attention expects a bias for [2, 4, 3, 6], got [4, 6]"]
        ]
        for (const [other, said] of shapes) {
          assert.throws(() => Ops.attention({ ...given, ...other }), said)
        }
        const options: ReadonlyArray<readonly [object, string]> = [
          [{ window: 0 }, "attention: a window is a positive integer, got 0"],
          [{ scale: NaN }, "attention: a scale is a finite number, got NaN"],
          [{ slopes: [1, 2] }, "attention: slopes are 4 finite numbers, one for each head, got [1, 2]"],
          [{ dropout: { rate: 1, key: Key.make(0) } }, "dropout: rate is at least 0 and less than 1, got 1"]
        ]
        for (const [other, said] of options) {
          assert.throws(() => Ops.attention({ ...given, ...other }), RangeError, said)
        }
      }),
      Backend.layerWasm
    ))

  it.effect("of nothing is nothing, of no keys zeros", () =>
    Effect.provide(
      Backend.tensors("empty", () => {
        for (const size of [{ time: 0, keyTime: 3 }, { batch: 0 }, { keyTime: 0 }]) {
          const params = paramsOf(size)
          assert.deepStrictEqual(attended(params, { causal: true }).shape, params["query"]!.shape)
          const all = [attended(params, {}), ...Object.values(gradients(params, { causal: true }))]
          assert.isTrue(all.every((x) => x.dataSync().every((value) => value === 0)))
        }
      }).pipe(leavesNoTensor),
      Backend.layerWasm
    ))
})
