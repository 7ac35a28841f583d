import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend, Ops } from "effect-neuron"
import { agree } from "../../support/agree.ts"
import { leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { randomTensor } from "../../support/numbers.ts"

const cells = ["tanh", "relu", "lstm", "gru"] as const
type Cell = typeof cells[number]

const gatesOf = { tanh: 1, relu: 1, lstm: 4, gru: 3 }

type Params = { readonly [name: string]: Tensor }

type Size = readonly [batch: number, time: number, units: number, features?: number]

const paramsOf = (cell: Cell, [batch, time, units, features = 3]: Size): Params => {
  const gates = gatesOf[cell]
  return {
    x: randomTensor(1, [batch, time, features]),
    kernel: tf.mul(randomTensor(10, [features, gates * units]), 1 / Math.sqrt(features)),
    recurrentKernel: tf.mul(randomTensor(2, [units, gates * units]), 1 / Math.sqrt(units)),
    bias: randomTensor(6, [gates * units]),
    recurrentBias: randomTensor(5, [gates * units]),
    hidden: randomTensor(3, [batch, units]),
    ...(cell === "lstm" ? { cells: randomTensor(4, [batch, units]) } : {})
  }
}

/** Lengths that differ, one of them 0. */
const maskOf = (batch: number, time: number): Tensor =>
  tf.tensor2d(
    Array.from({ length: batch }, (_, i) => Array.from({ length: time }, (_, j) => j < (i * 2) % (time + 1) ? 1 : 0))
  )

const outputs = (cell: Cell, { cells, hidden, ...params }: Params, rest: object): ReadonlyArray<Tensor> => {
  const { hidden: all, state } = Ops.recurrence({
    ...params as { readonly x: Tensor; readonly kernel: Tensor; readonly recurrentKernel: Tensor },
    ...{ cell, state: { hidden: hidden!, ...(cells === undefined ? {} : { cells }) } },
    ...rest
  })
  return [all, state.hidden, ...(state.cells === undefined ? [] : [state.cells])]
}

/** A scalar that depends on all outputs. */
const value = (cell: Cell, params: Params, rest: object): Tensor =>
  tf.addN(outputs(cell, params, rest).map((y, i) => tf.sum(tf.mul(tf.sin(y), randomTensor(7 + i, y.shape)))))

const gradients = (cell: Cell, params: Params, rest: object): Params =>
  Autodiff.valueAndGrad((p: Params) => [value(cell, p, rest), 0] as const)(params).grads

const settings = (batch: number, time: number): ReadonlyArray<object> => [
  {},
  { reverse: true },
  { mask: maskOf(batch, time) },
  { mask: maskOf(batch, time), reverse: true }
]

describe.each(cells)("a recurrence of %s", (cell) => {
  it.effect("for every number of examples, steps and units, with gradients", () =>
    agree(
      cell,
      () =>
        ([[1, 1, 1], [2, 3, 5], [3, 4, 8], [14, 2, 7], [100, 2, 4], [5, 3, 70], [2, 2, 260], [1, 5, 17]] as const)
          .flatMap((size) => {
            const params = paramsOf(cell, size)
            return settings(size[0], size[1]).flatMap((rest) =>
              outputs(cell, params, rest).concat(Object.values(gradients(cell, params, rest)))
            )
          }),
      1e-4
    ))

  it.effect("has gradients of two orders", () =>
    Effect.provide(
      Backend.tensors("gradients", () => {
        for (const rest of settings(2, 3)) {
          const params = paramsOf(cell, [2, 3, 2])
          checkGradients((p: Params) => value(cell, p, rest), params)
          const slopes = (p: Params) =>
            tf.addN(
              Object.values(gradients(cell, p, rest)).map((g, i) => tf.sum(tf.mul(g, randomTensor(20 + i, g.shape))))
            )
          checkGradients(slopes, params, { tolerance: 1e-2 })
        }
      }).pipe(leavesNoTensor),
      Backend.layerWasm
    ))

  it.effect("leaves the state where the mask is 0, and has no gradient there", () =>
    Effect.provide(
      Backend.tensors("mask", () => {
        const params = paramsOf(cell, [3, 4, 2])
        const mask = tf.tensor2d([[1, 1, 0, 0], [0, 0, 0, 0], [1, 1, 1, 1]])
        const [all, last] = outputs(cell, params, { mask })
        const short = outputs(cell, {
          ...params,
          x: tf.slice(params["x"]!, [0, 0, 0], [1, 2, -1]),
          hidden: tf.slice(params["hidden"]!, [0, 0], [1, -1]),
          ...(cell === "lstm" ? { cells: tf.slice(params["cells"]!, [0, 0], [1, -1]) } : {})
        }, {})
        assert.deepStrictEqual(tf.slice(last!, [0, 0], [1, -1]).arraySync(), short[1]!.arraySync())
        assert.deepStrictEqual(
          tf.slice(last!, [1, 0], [1, -1]).arraySync(),
          tf.slice(params["hidden"]!, [1, 0], [1, -1]).arraySync()
        )
        assert.isTrue(all!.dataSync().every(Number.isFinite))
        const { x } = gradients(cell, { ...params, x: tf.add(params["x"]!, 0) }, { mask })
        assert.isTrue(tf.slice(x!, [0, 2, 0], [1, 2, -1]).dataSync().every((value) => value === 0))
        assert.isTrue(tf.slice(x!, [1, 0, 0], [1, 4, -1]).dataSync().every((value) => value === 0))
      }).pipe(leavesNoTensor),
      Backend.layerWasm
    ))
})

describe("a recurrence", () => {
  it.effect("takes several steps of x at once where its kernel is large", () =>
    agree(
      "large kernel",
      () =>
        ([["lstm", [2, 7, 80, 300]], ["lstm", [97, 2, 70, 250]], ["gru", [2, 11, 100, 300]]] as const).flatMap((
          [cell, size]
        ) => [{}, { reverse: true }].flatMap((rest) => outputs(cell, paramsOf(cell, size), rest))),
      1e-4
    ))

  it.effect("has gradients that fade to 0, and never to numbers that processors are slow with", () =>
    Effect.provide(
      Backend.tensors("faded", () => {
        for (const cell of cells) {
          const { kernel, recurrentKernel, x } = paramsOf(cell, [2, 300, 4]), small = tf.mul(recurrentKernel!, 0.1)
          const { grads } = Autodiff.valueAndGrad((x: Tensor) => [
            tf.sum(Ops.recurrence({ cell, x, kernel: kernel!, recurrentKernel: small }).state.hidden),
            0
          ])(x!)
          const sizes = Array.from(grads.dataSync(), Math.abs)
          assert.isTrue(sizes.every((size) => size === 0 || size > 1.2e-38), cell)
          assert.isTrue(sizes.slice(0, 9).every((size) => size === 0), cell)
          assert.isAbove(sizes.at(-1)!, cell === "relu" ? -1 : 0)
        }
      }),
      Backend.layerWasm
    ))

  it.effect("refuses what does not fit", () =>
    Effect.provide(
      Backend.tensors("refused", () => {
        const x = tf.zeros([2, 3, 5]), kernel = tf.zeros([5, 8]), recurrentKernel = tf.zeros([2, 8])
        const cases: ReadonlyArray<readonly [object, string]> = [
          [{ recurrentKernel: tf.zeros([2, 6]) }, "expects recurrentKernel [units, 4 units], got [2, 6]"],
          [{ kernel: tf.zeros([5, 6]) }, "expects kernel of [5, 8], got [5, 6]"],
          [{ bias: tf.zeros([6]) }, "expects bias of [8], got [6]"],
          [{ recurrentBias: tf.zeros([2]) }, "expects recurrentBias of [8], got [2]"],
          [{ x: tf.zeros([2, 0, 5]) }, "expects x [batch, time, features] of at least one step, got [2, 0, 5]"],
          [{ mask: tf.zeros([2, 4]) }, "expects a mask [2, 3], got [2, 4]"],
          [{ state: { hidden: tf.zeros([3, 2]) } }, "expects a state of [2, 2], got [3, 2]"]
        ]
        for (const [given, said] of cases) {
          assert.throws(
            () => Ops.recurrence({ cell: "lstm", x, kernel, recurrentKernel, ...given }),
            `recurrence (lstm) ${said}`
          )
        }
      }),
      Backend.layerWasm
    ))
})
