import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend, Key, Ops } from "effect-neuron"
import { memoryOf } from "../../../src/backend/companion/companion.ts"
import { agree } from "../../support/agree.ts"
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

const sizes = [
  { time: 1, keyTime: 1, size: 1, batch: 1, heads: 1 },
  { time: 3, keyTime: 9, size: 5 },
  { time: 17, keyTime: 13, size: 8, heads: 3, keyHeads: 1 },
  { time: 8, keyTime: 40, size: 12, heads: 4, keyHeads: 2, batch: 1 },
  { time: 100, keyTime: 100, size: 3, heads: 1, batch: 1 },
  { time: 20, keyTime: 205, size: 10, batch: 1 }
]

/** Of all numbers from 0 on, those that count. */
const maskOf = (batch: number, keyTime: number, counts: (i: number) => boolean): Tensor =>
  tf.tensor2d(Array.from({ length: batch * keyTime }, (_, i) => counts(i)), [batch, keyTime], "bool")

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

  it.effect("for every number of queries, keys, heads and sizes, with gradients", () =>
    agree("attention", () =>
      sizes.flatMap((given, i) => {
        const params = paramsOf(given), { heads = 2, keyTime, time } = given, { batch = 2 } = given
        const all = [batch, heads, time, keyTime], counts = (shape: Array<number>) => tf.step(randomTensor(5, shape))
        const cases: ReadonlyArray<readonly [Params, Options]> = [
          [params, {}],
          [params, { causal: true }],
          [params, { causal: true, window: 70, slopes: Array.from({ length: heads }, (_, i) => 0.1 / (i + 1)) }],
          [{ ...params, bias: randomTensor(4, [1, heads, time, keyTime]) }, { window: 5, scale: -0.4 }],
          [{ ...params, bias: randomTensor(4, [batch, 1, 1, keyTime]) }, { mask: counts([batch, keyTime]) }],
          [{ ...params, bias: randomTensor(4, [time, 1]) }, { mask: counts(all), causal: true }],
          [params, { causal: true, dropout: { rate: 0.3, key: Key.make(i) } }],
          [params, { mask: maskOf(batch, keyTime, (key) => key % keyTime > 0) }]
        ]
        return cases.flatMap(([params, options]) =>
          [attended(params, options)].concat(Object.values(gradients(params, options)))
        )
      }), 2e-5))

  it.effect("gives a query the same, to the bit, whichever others there are and whatever comes after", () =>
    Effect.provide(
      Backend.tensors("bits", () => {
        for (const [size, heads, keyHeads] of [[5, 2, 1], [16, 2, 2], [22, 4, 2]] as const) {
          const { key, query, value } = paramsOf({ time: 210, heads, keyHeads, size }), at = [0, 7, 96, 131, 207]
          const cases: ReadonlyArray<Options> = [
            { causal: true },
            { causal: true, window: 50, slopes: Array.from({ length: heads }, () => 0.05) },
            { causal: true, mask: maskOf(2, 210, (key) => key % 210 > 3) },
            { causal: true, mask: maskOf(2, 210, (key) => key % 13 !== 5) }
          ]
          for (const { mask, ...options } of cases) {
            const whole = Ops.attention({ query: query!, key: key!, value: value!, ...(mask && { mask }), ...options })
            for (const [first, count] of at.flatMap((i) => [[i, 1], [i, 2], [i, 3]] as const)) {
              const end = first + count, until = (x: Tensor) => tf.slice(x, [0, 0], [-1, end])
              const some = Ops.attention({
                query: tf.slice(query!, [0, first], [-1, count]),
                key: until(key!),
                value: until(value!),
                ...(mask && { mask: until(mask) }),
                ...options
              })
              assert.deepStrictEqual(some.dataSync(), tf.slice(whole, [0, first], [-1, count]).dataSync())
            }
          }
        }
      }).pipe(leavesNoTensor),
      Backend.layerWasm
    ))

  it.effect("needs memory for queries and keys, not for each pair of them", () =>
    Effect.provide(
      Backend.tensors("memory", () => {
        const params = paramsOf({ batch: 1, heads: 1, time: 4096, size: 4 }),
          bytes = () => memoryOf(tf.backend())!.buffer.byteLength
        const before = bytes()
        gradients(params, { causal: true })
        assert.isBelow(bytes() - before, 4096 * 4096)
      }),
      Backend.layerWasm
    ))

  it.effect("passes on what is not a number", () =>
    Effect.provide(
      Backend.tensors("NaN", () => {
        const { key, query, value } = paramsOf({ time: 20 })
        const hurt = tf.where(tf.reshape(maskOf(1, 20, (i) => i === 11), [1, 20, 1, 1]), NaN, query!)
        const counts = Array.from(
          tf.any(tf.isNaN(attended({ query: hurt, key: key!, value: value! }, {})), [0, 2, 3]).dataSync()
        )
        assert.deepStrictEqual(counts, Array.from({ length: 20 }, (_, i) => i === 11 ? 1 : 0))
      }),
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

  for (const [backend, layer] of backends) {
    it.effect(`does not see keys that a bias of -Infinity takes out, on ${backend}`, () =>
      Effect.provide(
        Backend.tensors("bias", () => {
          const params = paramsOf({ batch: 1, time: 2, keyTime: 3 })
          for (const least of [-Infinity, -3.4e38]) {
            // The second key of the first query, and all of the second one.
            const bias = tf.tensor2d([[0, least, 0], [least, least, least]])
            const taken = (p: Params) => value({ ...p, bias }, {})
            const y = attended({ ...params, bias }, {}), mask = tf.tensor4d([[[[1, 0, 1], [0, 0, 0]]]])
            assertClose(y, attended(params, { mask }))
            assert.isTrue(tf.slice(y, [0, 1, 0, 0], [1, 1, -1, -1]).dataSync().every((x) => x === 0))
            const { grads } = Autodiff.valueAndGrad((p: Params) => [taken(p), 0] as const)(params)
            const expected = gradients(params, { mask })
            for (const name of Object.keys(params)) assertClose(grads[name]!, expected[name]!, 1e-5, name)
            const slope = (p: Params) =>
              tf.sum(tf.square(Autodiff.valueAndGrad((p: Params) => [taken(p), 0] as const)(p).grads["query"]!))
            const { grads: second } = Autodiff.valueAndGrad((p: Params) => [slope(p), 0] as const)(params)
            assert.isTrue(Object.values(second).every((grad) => grad.dataSync().every(Number.isFinite)))
          }
        }).pipe(leavesNoTensor),
        layer
      ))
  }

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

  it.effect("sees all keys with a window that is wider than they are many", () =>
    Effect.provide(
      Backend.tensors("wide", () => {
        const params = paramsOf({ time: 3, keyTime: 5 }), values = (x: tf.Tensor) => Array.from(x.dataSync())
        for (const causal of [true, false]) {
          const all = values(attended(params, { causal }))
          for (const window of [5, 2 ** 31, 2 ** 32, Number.MAX_SAFE_INTEGER]) {
            assert.deepStrictEqual(values(attended(params, { causal, window })), all)
          }
        }
      }).pipe(leavesNoTensor),
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
