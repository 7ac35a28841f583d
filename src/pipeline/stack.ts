import { Result } from "effect"
import { DataError } from "../core/errors.ts"
import { isNdArray } from "../core/NdArray.ts"
import type { Data, HostTree, NdArray } from "../core/NdArray.ts"
import { equals, format } from "../core/Shape.ts"

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
  for (const key of path) node = node === undefined || isNdArray(node) ? undefined : (node as Node)[key]
  return node
}

const typeOf = (data: Data): string =>
  data instanceof Float32Array ? "float32" : data instanceof Int32Array ? "int32" : "uint8"

const allocate = (like: Data, length: number): Data =>
  like instanceof Float32Array
    ? new Float32Array(length)
    : like instanceof Int32Array
    ? new Int32Array(length)
    : new Uint8Array(length)

const describe = (node: HostTree | undefined): string =>
  node === undefined
    ? "nothing"
    : isNdArray(node)
    ? `${typeOf(node.data)} ${format(node.shape)}`
    : `{ ${Object.keys(node).join(", ")} }`

const problem = (i: number, path: Keys, first: HostTree, found: HostTree | undefined): Problem => {
  const place = path.length === 0 ? "" : ` at ${path.join(".")}`
  return { i, expected: `${describe(first)}${place}, as in the first of the batch`, actual: describe(found) }
}

const isLike = (node: HostTree | undefined, first: NdArray): node is NdArray =>
  node !== undefined && isNdArray(node) && equals(node.shape, first.shape) && node.data.length === first.data.length &&
  typeOf(node.data) === typeOf(first.data)

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
  const keys = Object.keys(first)
  for (let i = 1; i < examples.length; i++) {
    const node = path.length === 0 ? examples[i]! : at(examples[i], path)
    if (node === undefined || isNdArray(node) || Object.keys(node).length !== keys.length) {
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
 * from `offset`. The key `size` is reserved for the size of the batch.
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
  offset = 0
): Result.Result<Batch<E>, DataError> => {
  const fail = ({ i, ...rest }: Problem) =>
    Result.fail(new DataError({ source: `Pipeline.batch, example ${offset + i}`, ...rest }))
  const [first] = examples
  if (first === undefined) return fail({ i: 0, expected: "at least one example to stack", actual: "none" })
  if ("size" in first) {
    return fail({ i: 0, expected: "no array named size, which is the batch's own", actual: describe(first["size"]) })
  }
  const stacked = stackTree(examples, [], first)
  if (isProblem(stacked)) return fail(stacked)
  return Result.succeed({ ...(stacked as E), size: examples.length })
}
