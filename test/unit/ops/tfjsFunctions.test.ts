import { describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor, Tensor3D, Tensor4D, Tensor5D } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend, Ops } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { randomTensor } from "../../support/numbers.ts"

type Inputs = ReadonlyArray<Tensor>
type Case = readonly [shapes: ReadonlyArray<ReadonlyArray<number>>, f: (...xs: Inputs) => Tensor]

const places = (...rows: ReadonlyArray<ReadonlyArray<number>>) =>
  tf.tensor2d(rows.map((row) => [...row]), [rows.length, rows[0]!.length], "int32")

const conv3d = (strides: number | [number, number, number], pad: "same" | "valid", dilations = 1) => (...xs: Inputs) =>
  tf.conv3d(xs[0] as Tensor5D, xs[1] as Tensor5D, strides, pad, "NDHWC", dilations)

const cases: { readonly [name: string]: Case } = {
  asinh: [[[5]], (x) => tf.asinh(x!)],
  acosh: [[[5]], (x) => tf.acosh(tf.add(tf.abs(x!), 1.2))],
  atanh: [[[5]], (x) => tf.atanh(tf.mul(0.8, tf.tanh(x!)))],
  logSigmoid: [[[5]], (x) => Ops.logSigmoid(tf.mul(x!, 2))],
  mirrorPadReflect: [[[3, 4]], (x) => tf.mirrorPad(x!, [[2, 1], [0, 3]], "reflect")],
  mirrorPadSymmetric: [[[3, 4]], (x) => tf.mirrorPad(x!, [[3, 0], [1, 4]], "symmetric")],
  spaceToBatch: [[[2, 3, 4, 2]], (x) => tf.spaceToBatchND(x!, [2, 2], [[1, 0], [0, 2]])],
  batchToSpace: [[[8, 2, 3, 1]], (x) => tf.batchToSpaceND(x!, [2, 2], [[1, 0], [0, 2]])],
  depthToSpace: [[[2, 2, 3, 8]], (x) => tf.depthToSpace(x as Tensor4D, 2)],
  depthToSpaceFirst: [[[1, 8, 2, 2]], (x) => tf.depthToSpace(x as Tensor4D, 2, "NCHW")],
  spaceToDepth: [[[1, 4, 2, 3]], (x) => Ops.spaceToDepth(x!, 2)],
  stridedSlice: [[[5, 6]], (x) => tf.stridedSlice(x!, [1, 0], [5, 6], [2, 3])],
  stridedSliceBackwards: [[[5, 6]], (x) => tf.stridedSlice(x!, [-1, 4], [0, 0], [-2, -1])],
  stridedSliceMasks: [[[3, 4, 5]], (x) => tf.stridedSlice(x!, [1, 0, 0], [2, 3, 4], [1, 1, 2], 1, 4)],
  stridedSliceOfFew: [[[4, 3]], (x) => tf.stridedSlice(x!, [1], [3], [1])],
  gatherND: [[[3, 4, 2]], (x) => tf.gatherND(x!, places([0, 1], [2, 3], [0, 1]))],
  scatterND: [[[3, 2]], (x) => tf.scatterND(places([1], [3], [1]), x!, [5, 2])],
  tensorScatterUpdate: [[[4, 2], [2, 2]], (x, y) => tf.tensorScatterUpdate(x!, places([1], [3]), y!)],
  topK: [[[3, 6]], (x) => tf.topk(x!, 4).values],
  topKOfAll: [[[6]], (x) => tf.topk(x!, 6).values],
  cumprod: [[[2, 5]], (x) => tf.cumprod(x!, 1)],
  cumprodExclusive: [[[7, 2]], (x) => tf.cumprod(x!, 0, true)],
  cumprodReverse: [[[2, 4]], (x) => tf.cumprod(x!, -1, true, true)],
  cumprodOfZeros: [[[5]], (x) => tf.cumprod(tf.mul(x!, tf.tensor1d([1, 0, 1, 0, 1])))],
  conv3d: [[[1, 3, 4, 3, 2], [2, 3, 2, 2, 3]], conv3d(1, "valid")],
  conv3dSame: [[[2, 3, 3, 4, 1], [3, 2, 2, 1, 2]], conv3d([1, 2, 2], "same")],
  conv3dDilated: [[[1, 4, 4, 5, 1], [2, 2, 2, 1, 2]], conv3d(1, "same", 2)],
  conv3dTranspose: [
    [[1, 2, 2, 2, 2], [2, 2, 2, 1, 2]],
    (x, filter) => tf.conv3dTranspose(x as Tensor5D, filter as Tensor5D, [1, 4, 4, 4, 1], 2, "same")
  ],
  maxPool3d: [[[1, 4, 5, 4, 2]], (x) => tf.maxPool3d(x as Tensor5D, [2, 3, 2], [2, 1, 2], "valid")],
  maxPool3dSame: [[[1, 3, 3, 4, 2]], (x) => tf.maxPool3d(x as Tensor5D, 2, 2, "same")],
  avgPool3d: [[[1, 4, 5, 4, 2]], (x) => tf.avgPool3d(x as Tensor5D, [2, 3, 2], [2, 1, 2], "valid")],
  avgPool3dSame: [[[1, 3, 3, 4, 2]], (x) => tf.avgPool3d(x as Tensor5D, [2, 3, 2], 2, "same")],
  dilation2d: [
    [[2, 4, 5, 2], [2, 3, 2]],
    (x, filter) => tf.dilation2d(x as Tensor4D, filter as Tensor3D, [1, 2], "same")
  ],
  dilation2dApart: [
    [[1, 5, 5, 1], [2, 2, 1]],
    (x, filter) => tf.dilation2d(x as Tensor4D, filter as Tensor3D, 1, "valid", 2)
  ],
  localResponse: [[[1, 2, 2, 7]], (x) => tf.localResponseNormalization(x as Tensor4D, 2, 1.5, 0.4, 0.75)],
  einsumProduct: [[[3, 4], [4, 2]], (a, b) => tf.einsum("ij,jk->ik", a!, b!)],
  einsumBatched: [[[2, 3, 4], [5, 2, 4]], (a, b) => tf.einsum("bij,kbj->bki", a!, b!)],
  einsumOuter: [[[3], [2]], (a, b) => Ops.einsum("i,j->ji", a!, b!)],
  einsumChain: [[[2, 3], [3, 4], [4, 2]], (a, b, c) => Ops.einsum("ij,jk,kl->li", a!, b!, c!)],
  einsumDiagonal: [[[2, 3, 3]], (a) => Ops.einsum("bii->bi", a!)],
  einsumTrace: [[[3, 3], [3, 4]], (a, b) => tf.einsum("ii,ij->j", a!, b!)],
  einsumEllipsis: [[[2, 1, 3, 4], [5, 4, 2]], (a, b) => tf.einsum("...ij,...jk->...ik", a!, b!)],
  einsumSum: [[[2, 3], [4]], (a, b) => Ops.einsum("ij,k->i", a!, b!)]
}

for (const [backend, layer] of backends) {
  describe(`more gradients on ${backend}`, () => {
    const run = (program: () => void) => Effect.provide(leavesNoTensor(Backend.tensors("check", program)), layer)

    for (const [name, [shapes, f]] of Object.entries(cases)) {
      // The kernel of the cpu backend knows channels last alone.
      if (backend === "cpu" && name === "depthToSpaceFirst") continue
      it.effect(`${name} matches finite differences, to first and second order`, () =>
        run(() => {
          const xs = shapes.map((shape, i) => randomTensor(i + 1, shape))
          const value = (xs: Inputs) => {
            const y = f(...xs)
            return tf.sum(tf.mul(y, randomTensor(9, y.shape)))
          }
          checkGradients(value, xs)
          checkGradients(
            (xs) => {
              const { grads } = Autodiff.valueAndGrad((ys: Inputs) => [value(ys), 0] as const)(xs)
              return tf.addN(grads.map((grad) => tf.sum(tf.square(grad))))
            },
            xs,
            { tolerance: 2e-2 }
          )
        }))
    }
  })
}
