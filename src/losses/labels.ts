import type { Tensor } from "@tensorflow/tfjs-core"
import { currentDevice } from "../backend/device.ts"
import type { HostTree, NdArray } from "../core/NdArray.ts"
import * as Tree from "../core/Tree.ts"

// Targets come from host memory, and what reads them back from a device waits for it.
const uploaded = /* @__PURE__ */ new WeakMap<object, NdArray["data"]>()

/** Remembers what targets were made of, as long as they are there, for those who check them. */
export const remember = (targets: Tree.Tree, made: HostTree): void => {
  const arrays = Tree.leaves(made)
  Tree.leaves(targets).forEach(({ dataId }, i) => uploaded.set(dataId, arrays[i]!.data))
}

/** The values of a tensor, where they can be had without waiting for a device. */
const known = (x: Tensor): ArrayLike<number> | undefined =>
  uploaded.get(x.dataId) ?? (currentDevice() === undefined ? x.dataSync() : undefined)

/**
 * Throws a `RangeError` for class indices that are none of 0 to `classes - 1`, nor `ignored`. What was computed on a
 * GPU is not looked at.
 */
export const checkLabels = (by: string, target: Tensor, classes: number, ignored: number | undefined): void => {
  const labels = known(target)
  if (labels === undefined) return
  for (let i = 0; i < labels.length; i++) {
    const label = labels[i]!
    if ((label >= 0 && label < classes && Math.floor(label) === label) || label === ignored) continue
    const ignoring = ignored === undefined ? "" : `, or ${ignored} (ignoreIndex)`
    throw new RangeError(`${by} expects class indices from 0 to ${classes - 1}${ignoring}, got ${label}`)
  }
}
