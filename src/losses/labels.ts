import type { Tensor } from "@tensorflow/tfjs-core"
import { currentDevice } from "../backend/device.ts"
import type { HostTree, NdArray } from "../core/NdArray.ts"
import * as Tree from "../core/Tree.ts"

// Targets come from host memory, and what reads them back from a device waits for it.
const uploaded = /* @__PURE__ */ new WeakMap<object, NdArray["data"]>()

/** Remembers what tensors of a batch were made of, as long as they are there, for those who check targets. */
export const remember = (tensors: Tree.Tree, made: HostTree): void => {
  const arrays = Tree.leaves(made)
  Tree.leaves(tensors).forEach(({ dataId }, i) => uploaded.set(dataId, arrays[i]!.data))
}

/** Remembers what targets are that were made of others on a device, with zeros where the mask is 0. */
export const rememberMasked = (targets: Tensor, made: Tensor, mask: Tensor): void => {
  const data = uploaded.get(made.dataId), counts = uploaded.get(mask.dataId)
  if (data === undefined || counts === undefined || currentDevice() === undefined) return
  const width = data.length / counts.length
  uploaded.set(targets.dataId, data.map((value: number, i: number) => counts[Math.floor(i / width)]! > 0 ? value : 0))
}

/** The values of a tensor, where they can be had without waiting for a device. */
export const known = (x: Tensor): ArrayLike<number> | undefined =>
  uploaded.get(x.dataId) ?? (currentDevice() === undefined ? x.dataSync() : undefined)

/** Throws a `RangeError` for class indices that are none of 0 to `classes - 1`, nor `ignored`. */
export const checkIndices = (
  by: string,
  labels: ArrayLike<number>,
  classes: number,
  ignored: number | undefined
): void => {
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!
    if ((label >= 0 && label < classes && Math.floor(label) === label) || label === ignored) continue
    const ignoring = ignored === undefined ? "" : `, or ${ignored} (ignoreIndex)`
    throw new RangeError(`${by} expects class indices from 0 to ${classes - 1}${ignoring}, got ${label}`)
  }
}

/** The same of a tensor. What was computed on a GPU is not looked at. */
export const checkLabels = (by: string, target: Tensor, classes: number, ignored: number | undefined): void => {
  const labels = known(target)
  if (labels !== undefined) checkIndices(by, labels, classes, ignored)
}
