import { Result } from "effect"
import { DataError } from "../core/errors.ts"
import { allocate, arrayExpected, elementType, isArrayLike, problemOf } from "../core/hostArray.ts"
import { isNdArray } from "../core/NdArray.ts"
import type { HostTree, NdArray } from "../core/NdArray.ts"
import { equals, format } from "../core/Shape.ts"
import { isBranch } from "../core/structure.ts"

/** What flows through a pipeline: a record of host arrays, `{ x, y }` for supervised learning, `{ x }` for a GAN. */
export type Example = { readonly [k: string]: HostTree }

/** Examples stacked along a new first dimension, and how many they are. */
export type Batch<E> = E & { readonly size: number }

type Node = { readonly [k: string]: HostTree }
type Keys = ReadonlyArray<string>
type Problem = { readonly i: number; readonly expected: string; readonly actual: string }

const isProblem = (u: HostTree | Problem): u is Problem => "expected" in u && typeof u.expected === "string"

const at = (example: HostTree | undefined, path: Keys): HostTree | undefined => {
  let node = example
  for (const key of path) node = isBranch(node) && !isArrayLike(node) ? (node as Node)[key] : undefined
  return node
}

const describe = (node: unknown): string =>
  node === undefined
    ? "nothing"
    : isArrayLike(node)
    ? problemOf(node) ?? `${elementType(node.data)} ${format(node.shape)}`
    : isBranch(node)
    ? `{ ${Object.keys(node).join(", ")} }`
    : problemOf(node)!

const placeOf = (path: Keys): string => path.length === 0 ? "" : ` at ${path.join(".")}`

const problem = (i: number, path: Keys, first: HostTree, found: HostTree | undefined): Problem => ({
  i,
  expected: `${describe(first)}${placeOf(path)}, as in the first of the batch`,
  actual: describe(found)
})

const isLike = (node: HostTree | undefined, first: NdArray): node is NdArray =>
  isNdArray(node) && equals(node.shape, first.shape) && elementType(node.data) === elementType(first.data)

/** Array by array and not example by example: the loop over one array is twice as fast as a walk through a record. */
const stackArray = (examples: ReadonlyArray<HostTree>, path: Keys, first: NdArray): NdArray | Problem => {
  const { data, shape } = first, length = data.length
  const out = allocate(data, length * examples.length)
  const [key] = path
  for (let i = 0; i < examples.length; i++) {
    const node = (path.length === 1 ? (examples[i] as Node)[key!] : at(examples[i], path)) as NdArray | undefined
    // The shapes of one source are mostly one and the same object.
    const same = node?.shape === shape && node.data.constructor === data.constructor && node.data.length === length
    if (!same && !isLike(node, first)) return problem(i, path, first, node)
    if (length === 1) out[i] = node.data[0]!
    else out.set(node.data, i * length)
  }
  return { data: out, shape: [examples.length, ...shape] }
}

const stackTree = (examples: ReadonlyArray<HostTree>, path: Keys, first: HostTree): HostTree | Problem => {
  if (isNdArray(first)) return stackArray(examples, path, first)
  if (isArrayLike(first) || !isBranch(first)) {
    return { i: 0, expected: `${arrayExpected}${placeOf(path)}`, actual: describe(first) }
  }
  const keys = Object.keys(first)
  for (let i = 1; i < examples.length; i++) {
    const node = path.length === 0 ? examples[i]! : at(examples[i], path)
    if (!isBranch(node) || Object.keys(node).length !== keys.length) {
      return problem(i, path, first, node)
    }
  }
  const out: { [k: string]: HostTree } = {}
  for (const key of keys) {
    const child = stackTree(examples, [...path, key], (first as Node)[key]!)
    if (isProblem(child)) return child
    out[key] = child
  }
  return Array.isArray(first) ? Object.values(out) : out
}

/**
 * Stacks examples into one batch: each array gets a new first dimension and keeps its element type. Examples that do
 * not agree in keys, shapes and element types give a DataError that names the array and the example, which is counted
 * from `offset` (by default 0), of a `source` (by default `Pipeline.batch`); so do values that are no host arrays, and no
 * example at all. The key `size` is reserved for the size of the batch.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { NdArray, Pipeline } from "effect-neuron"
 *
 * const pair = [{ x: NdArray.make([1, 2], [2]) }, { x: NdArray.make([3, 4], [2]) }]
 * Result.getOrThrow(Pipeline.stack(pair)) // => { x: NdArray.make([1, 2, 3, 4], [2, 2]), size: 2 }
 * ```
 */
export const stack = <E extends Example>(
  examples: ReadonlyArray<E>,
  { offset = 0, source = "Pipeline.batch" }: { readonly offset?: number; readonly source?: string } = {}
): Result.Result<Batch<E>, DataError> => {
  const fail = ({ i, ...rest }: Problem) =>
    Result.fail(new DataError({ source: `${source}, example ${offset + i}`, ...rest }))
  const [first] = examples
  if (first === undefined) return fail({ i: 0, expected: "at least one example to stack", actual: "none" })
  if ("size" in first) {
    return fail({ i: 0, expected: "no array named size, which is the batch's own", actual: describe(first["size"]) })
  }
  const stacked = stackTree(examples, [], first)
  if (isProblem(stacked)) return fail(stacked)
  return Result.succeed({ ...(stacked as E), size: examples.length })
}
