import { tensor } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import type { NdArray } from "../core/NdArray.ts"
import { equals, format } from "../core/Shape.ts"
import * as Tree from "../core/Tree.ts"
import type { Contents } from "./format.ts"

const dtypeOf = ({ data }: NdArray): string =>
  data instanceof Float32Array ? "float32" : data instanceof Int32Array ? "int32" : "bool"

/** The array of a checkpoint at the path of a leaf. */
export const arrayAt = ({ arrays }: Contents, leaf: string): NdArray | undefined =>
  Object.hasOwn(arrays, leaf) ? arrays[leaf] : undefined

/** The number of a checkpoint at the path of a leaf. */
export const numberAt = ({ numbers }: Contents, leaf: string): number | undefined => {
  const n = Object.hasOwn(numbers, leaf) ? numbers[leaf] : undefined
  return typeof n === "number" && Number.isFinite(n) ? n : undefined
}

/** What is wrong with the array that a checkpoint has for a leaf. */
export const misfit = (leaf: string, x: Tensor, found: NdArray | undefined): string | undefined => {
  const expected = `${leaf} expects ${x.dtype} ${format(x.shape)}`
  if (found === undefined) return `${expected}, the file has none`
  return equals(found.shape, x.shape) && dtypeOf(found) === x.dtype
    ? undefined
    : `${expected}, got ${dtypeOf(found)} ${format(found.shape)}`
}

/** A tensor as the leaf `x` is one, with the values of an array that fits it. */
export const filled = ({ dtype }: Tensor, { data, shape }: NdArray): Tensor =>
  tensor(data, [...shape], dtype as "float32")

/**
 * One sentence for each leaf that a tree and a checkpoint do not share; with `subset` it may hold more than the tree.
 */
export const mismatches = (like: Tree.Tree, contents: Contents, subset: boolean): ReadonlyArray<string> => {
  const reasons: Array<string> = []
  const leaves = new Map(Tree.entries(like)), expectedNumbers = Tree.numbers(like)
  for (const [leaf, x] of leaves) {
    const wrong = misfit(leaf, x, arrayAt(contents, leaf))
    if (wrong !== undefined) reasons.push(wrong)
  }
  for (const leaf of Object.keys(expectedNumbers)) {
    if (numberAt(contents, leaf) === undefined) reasons.push(`${leaf} expects a number, the file has none`)
  }
  if (subset) return reasons
  const unexpected = [
    ...Object.keys(contents.arrays).filter((leaf) => !leaves.has(leaf)),
    ...Object.keys(contents.numbers).filter((leaf) => !Object.hasOwn(expectedNumbers, leaf))
  ]
  return [...reasons, ...unexpected.map((leaf) => `${leaf} is in the file but not expected`)]
}
