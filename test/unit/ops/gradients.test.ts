import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend, Ops } from "effect-neuron"
import { backends } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { randomTensor } from "../../support/numbers.ts"

const away = (x: Tensor) => tf.add(tf.mul(tf.sign(x), 0.3), x) // keeps clear of kinks at 0
const positive = (x: Tensor) => tf.add(tf.abs(x), 0.4)
const inside = (x: Tensor) => tf.mul(0.8, tf.tanh(x))

const unary: Record<string, (x: Tensor) => Tensor> = {
  abs: (x) => tf.abs(away(x)),
  neg: tf.neg,
  square: tf.square,
  sqrt: (x) => tf.sqrt(positive(x)),
  rsqrt: (x) => tf.rsqrt(positive(x)),
  reciprocal: (x) => tf.reciprocal(positive(x)),
  exp: tf.exp,
  expm1: tf.expm1,
  log: (x) => tf.log(positive(x)),
  log1p: (x) => tf.log1p(positive(x)),
  sin: tf.sin,
  cos: tf.cos,
  tan: (x) => tf.tan(inside(x)),
  asin: (x) => tf.asin(inside(x)),
  acos: (x) => tf.acos(inside(x)),
  atan: tf.atan,
  sinh: tf.sinh,
  cosh: tf.cosh,
  erf: tf.erf,
  softplus: tf.softplus,
  tanh: tf.tanh,
  sigmoid: tf.sigmoid,
  relu: (x) => tf.relu(away(x)),
  relu6: (x) => tf.relu6(tf.mul(away(x), 3)),
  leakyRelu: (x) => tf.leakyRelu(away(x)),
  elu: (x) => tf.elu(away(x)),
  selu: (x) => tf.selu(away(x)),
  clip: (x) => tf.clipByValue(x, -0.7, 0.9),
  softmax: (x) => tf.softmax(x),
  logSoftmax: (x) => Ops.logSoftmax(x),
  step: (x) => tf.mul(x, tf.step(away(x))),
  cumsum: (x) => tf.cumsum(x, 1, true, true),
  cumsumFromEnd: (x) => tf.cumsum(x, -2),
  prod0: (x) => tf.prod(x, 0),
  prod1: (x) => tf.prod(x, -1, true),
  prodAll: (x) => tf.prod(x),
  prodOfZeros: (x) => tf.prod(tf.mul(x, tf.tensor2d([[1, 0, 1, 1], [0, 1, 0, 1], [1, 1, 1, 1]])), 1),
  batchNorm: (x) => tf.batchNorm(x, tf.mean(x, 0), tf.square(tf.sum(x, 0)), tf.sum(x, 0), tf.max(x, 0), 0.1),
  bilinear: (x) => tf.image.resizeBilinear(tf.reshape(x, [1, 3, 4, 1]) as tf.Tensor4D, [5, 2], false, true),
  nearest: (x) => tf.image.resizeNearestNeighbor(tf.reshape(x, [1, 3, 4, 1]) as tf.Tensor4D, [5, 2], true),
  max: (x) => tf.max(x, 1),
  min: (x) => tf.min(x, 0),
  mean: (x) => tf.mean(x, 1, true),
  sum0: (x) => tf.sum(x, 0),
  sum1: (x) => tf.sum(x, 1),
  sumAll: (x) => tf.sum(x),
  reshape: (x) => tf.reshape(x, [2, 6]),
  transpose: (x) => tf.transpose(x, [1, 0]),
  reverse: (x) => tf.reverse(x, 1),
  expandDims: (x) => tf.expandDims(x, 1),
  tile: (x) => tf.tile(x, [2, 3]),
  slice: (x) => tf.slice(x, [1, 0], [2, 3]),
  "slice along the first axis": (x) => tf.add(tf.slice(x, 1, 1), tf.slice(x, [0], [1])),
  pad: (x) => tf.pad(x, [[1, 0], [2, 1]]),
  concat: (x) => tf.concat([x, tf.square(x)], -1),
  stack: (x) => tf.stack([x, tf.exp(x)], 1),
  unstack: (x) => tf.mul(tf.unstack(x, 1)[2]!, tf.unstack(x, 1)[0]!),
  split: (x) => tf.mul(tf.split(x, 2, 1)[0]!, tf.split(x, 2, 1)[1]!),
  gather: (x) => tf.gather(x, tf.tensor1d([2, 0, 2], "int32")),
  gatherColumns: (x) => tf.gather(x, tf.tensor2d([[2, 0], [3, 3]], [2, 2], "int32"), 1),
  where: (x) => tf.where(tf.greater(x, 0), tf.square(x), tf.mul(3, x)),
  addN: (x) => tf.addN([x, tf.square(x), x]),
  cast: (x) => tf.cast(tf.clone(x), "float32"),
  power: (x) => tf.pow(positive(x), 2.5),
  prelu: (x) => tf.prelu(away(x), tf.scalar(0.3))
}

const binary: Record<string, (a: Tensor, b: Tensor) => Tensor> = {
  add: tf.add,
  sub: tf.sub,
  mul: tf.mul,
  div: (a, b) => tf.div(a, positive(b)),
  pow: (a, b) => tf.pow(positive(a), b),
  squaredDifference: tf.squaredDifference,
  maximum: tf.maximum,
  minimum: tf.minimum,
  atan2: (a, b) => tf.atan2(a, positive(b)),
  mod: (a, b) => tf.mod(a, positive(tf.mul(b, 2)))
}

for (const [name, layer] of backends) {
  describe(`gradients on ${name}`, () => {
    const check = (run: () => void) => Effect.provide(Backend.tensors("check", run), layer)

    it.effect("match finite differences, to first and second order", () =>
      check(() => {
        const x = randomTensor(1, [3, 4])
        for (const [op, f] of Object.entries(unary)) {
          const weighted = (y: Tensor) => tf.sum(tf.mul(y, randomTensor(2, y.shape)))
          const run = (order: string, g: (p: { x: Tensor }) => Tensor) => {
            try {
              checkGradients(g, { x })
            } catch (cause) {
              throw new Error(`${op}, ${order}: ${(cause as Error).message}`, { cause })
            }
          }
          run("first order", (p) => weighted(f(p.x)))
          run("second order", (p) => {
            const inner = (z: Tensor) => [weighted(f(z)), 0] as const
            return weighted(Autodiff.valueAndGrad(inner)(p.x).grads)
          })
        }
      }))

    it.effect("of two operands match finite differences, broadcast and not", () =>
      check(() => {
        for (const [op, f] of Object.entries(binary)) {
          for (const [shapeA, shapeB] of [[[3, 4], [3, 4]], [[3, 4], [4]], [[1, 4], [3, 1]], [[], [2, 3]]]) {
            const params = { a: randomTensor(3, shapeA!), b: randomTensor(4, shapeB!) }
            const value = (p: typeof params) => {
              const y = f(p.a, p.b)
              return tf.sum(tf.mul(y, randomTensor(5, y.shape)))
            }
            try {
              checkGradients(value, params)
              checkGradients(
                (p) => {
                  const { grads } = Autodiff.valueAndGrad((q: typeof params) => [value(q), 0] as const)(p)
                  return tf.add(tf.sum(tf.square(grads.a)), tf.sum(tf.square(grads.b)))
                },
                params,
                { tolerance: 2e-2 }
              )
            } catch (cause) {
              throw new Error(`${op} [${shapeA}] [${shapeB}]: ${(cause as Error).message}`, { cause })
            }
          }
        }
      }))

    it.effect("of matMul match finite differences for every transposition, batched and broadcast", () =>
      check(() => {
        for (const transposeA of [false, true]) {
          for (const transposeB of [false, true]) {
            for (const [batchA, batchB] of [[[], []], [[2], [2]], [[2], [1]], [[2, 3], []], [[3], []]]) {
              const params = {
                a: randomTensor(6, [...batchA!, ...(transposeA ? [5, 2] : [2, 5])]),
                b: randomTensor(7, [...batchB!, ...(transposeB ? [4, 5] : [5, 4])])
              }
              checkGradients((p) => tf.sum(tf.square(tf.matMul(p.a, p.b, transposeA, transposeB))), params)
            }
          }
        }
      }))

    it.effect("share ties of a maximum evenly", () =>
      check(() => {
        const { grads } = Autodiff.valueAndGrad((x: Tensor) => [tf.max(x), 0] as const)(tf.tensor1d([1, 3, 3, 2]))
        assert.deepStrictEqual(grads.arraySync(), [0, 0.5, 0.5, 0])
      }))
  })
}
