import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend, Ops } from "effect-neuron"
import { agree } from "../../support/agree.ts"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { assertClose, randomTensor, toTensor } from "../../support/numbers.ts"
import { reference } from "../../support/reference.ts"

type Params = { readonly [name: string]: Tensor }

const norms = {
  layerNorm: ({ offset, scale, x }: Params, epsilon: number) => Ops.layerNorm(x!, scale!, offset!, epsilon),
  rmsNorm: ({ scale, x }: Params, epsilon: number) => Ops.rmsNorm(x!, scale!, epsilon)
}
type Name = keyof typeof norms

const paramsOf = (name: Name, shape: ReadonlyArray<number>, axes = 1): Params => {
  const last = shape.slice(-axes)
  return {
    x: tf.add(randomTensor(1, shape, 2), 1),
    scale: tf.add(randomTensor(2, last), 1),
    ...(name === "layerNorm" ? { offset: randomTensor(3, last) } : {})
  }
}

const withGradients = (name: Name, params: Params, dy: Tensor, epsilon = 1e-5): ReadonlyArray<Tensor> => {
  const { aux, grads } = Autodiff.valueAndGrad((p: Params) => {
    const y = norms[name](p, epsilon)
    return [tf.sum(tf.mul(y, dy)), y] as const
  })(params)
  return [aux, ...Object.values(grads)]
}

const shapes = [
  ...[[1, 1], [1, 2], [2, 3], [3, 4], [4, 7], [5, 8], [6, 12], [7, 31], [9, 64], [65, 3], [200, 5], [3, 2049]],
  ...[[2, 5003], [2, 3, 6], [70, 4, 16]]
]

describe.each(Object.keys(norms) as ReadonlyArray<Name>)("Ops.%s", (name) => {
  it.effect("of rows of every length, with gradients", () =>
    agree(
      name,
      () => shapes.flatMap((shape) => withGradients(name, paramsOf(name, shape), randomTensor(4, shape))),
      5e-5
    ))

  it.effect("of NaN and infinity in their rows, and of rows without a difference", () =>
    agree(name, () => {
      const x = tf.tensor2d([[1, 2, 3], [1, NaN, 3], [5, 5, 5], [0, 0, 0], [1e-20, 0, 2e-20]])
      return [norms[name]({ ...paramsOf(name, [5, 3]), x }, 1e-5)]
    }))

  it.effect("matches finite differences, to second order", () =>
    Effect.provide(
      Backend.tensors("gradients", () => {
        for (const [shape, axes] of [[[3, 5], 1], [[2, 2, 3], 2], [[6], 1]] as const) {
          const params = paramsOf(name, shape, axes), weights = randomTensor(5, shape)
          const value = (p: Params) => tf.sum(tf.mul(weights, tf.sin(norms[name](p, 0.1))))
          checkGradients(value, params)
          checkGradients((p: Params) => {
            const { grads } = Autodiff.valueAndGrad((q: Params) => [value(q), 0] as const)(p)
            return tf.addN(Object.values(grads).map((g, i) => tf.sum(tf.mul(g, randomTensor(6 + i, g.shape)))))
          }, params)
        }
      }).pipe(leavesNoTensor),
      Backend.layerWasm
    ))

  it.effect("gives each row what it gives it alone, to the bit", () =>
    Effect.provide(
      Backend.tensors("rows", () => {
        for (const n of [3, 64, 70]) {
          const params = paramsOf(name, [11, n]), all = norms[name](params, 1e-5)
          for (const row of [0, 6, 10]) {
            const alone = norms[name]({ ...params, x: tf.slice(params["x"]!, [row, 0], [1, n]) }, 1e-5)
            assert.deepStrictEqual(alone.dataSync(), tf.slice(all, [row, 0], [1, n]).dataSync())
          }
        }
      }).pipe(leavesNoTensor),
      Backend.layerWasm
    ))
})

for (const [backend, layer] of backends) {
  describe(`PyTorch's norms on ${backend}`, () => {
    for (const c of reference("norms")) {
      it.effect(`${c.name} of [${c.input.shape}], ${JSON.stringify(c.config)}`, () =>
        Effect.provide(
          Backend.tensors(c.name, () => {
            const params = Object.fromEntries(Object.entries(c.params).map(([key, values]) => [key, toTensor(values)]))
            const given = { x: toTensor(c.input), ...params }
            const found = withGradients(c.name as Name, given, toTensor(c.gradOutput), c.config.epsilon)
            const expected = [c.output, c.gradInput, ...Object.values(c.gradParams)]
            found.forEach((tensor, i) => assertClose(tensor, expected[i]!, 1e-5, `${c.name}, ${i}`))
          }).pipe(leavesNoTensor),
          layer
        ))
    }
  })
}

describe("norms", () => {
  it.effect("refuse what does not fit", () =>
    Effect.provide(
      Backend.tensors("refused", () => {
        const x = tf.zeros([2, 3]), three = tf.zeros([3]), two = tf.zeros([2])
        assert.throws(
          () => Ops.layerNorm(x, two, three, 1),
          "layerNorm expects scale of the last dimensions of x [2, 3]"
        )
        assert.throws(
          () => Ops.layerNorm(x, three, two, 1),
          "layerNorm expects offset of the last dimensions of x [2, 3]"
        )
        assert.throws(() => Ops.rmsNorm(x, tf.scalar(1), 1), "rmsNorm expects scale of the last dimensions of x [2, 3]")
        assert.throws(() => Ops.rmsNorm(three, x, 1), "got [2, 3]")
      }).pipe(leavesNoTensor),
      Backend.layerWasm
    ))
})
