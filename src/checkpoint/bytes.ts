import { tensor, version_core } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import type { Backend } from "../backend/Backend.ts"
import { tensors } from "../backend/Backend.ts"
import { read } from "../backend/read.ts"
import { CheckpointError } from "../core/errors.ts"
import type { TensorError } from "../core/errors.ts"
import type { NdArray } from "../core/NdArray.ts"
import { equals, format } from "../core/Shape.ts"
import * as Tree from "../core/Tree.ts"
import { version } from "../core/version.ts"
import * as Safetensors from "../formats/safetensors.ts"

/** Text that is kept with a checkpoint, such as a description of the model. */
export type Metadata = { readonly [name: string]: string }

/** The failure of a checkpoint. */
export const fail = (path: string, ...reasons: ReadonlyArray<string>) =>
  Effect.fail(new CheckpointError({ path, reasons }))

/** What a safetensors file holds. */
export const parse = (bytes: Uint8Array, name: string) =>
  Result.match(Safetensors.decode(bytes, name), {
    onFailure: ({ actual, expected }) => fail(name, `expected ${expected}, found ${actual}`),
    onSuccess: (file) => Effect.succeed(file)
  })

/**
 * The bytes of a checkpoint, a safetensors file: the tensors of a tree by path, its numbers and the versions of this
 * package and of TensorFlow.js in the metadata.
 *
 * Fails with a `CheckpointError`, in which `name` stands, when a value is not finite: a checkpoint that cannot be
 * trained on does not take the place of one that can.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Effect, Result } from "effect"
 * import { Backend, Checkpoint, Safetensors } from "effect-neuron"
 *
 * const encoded = Effect.provide(Checkpoint.encode({ step: 3, w: tf.tensor1d([1, 2]) }), Backend.layerWasm)
 * const { tensors } = Result.getOrThrow(Safetensors.decode(await Effect.runPromise(encoded), "checkpoint"))
 * tensors.w // => { data: Float32Array.of(1, 2), shape: [2] }
 * ```
 */
export const encode = (
  tree: Tree.Tree,
  metadata: Metadata = {},
  name = "checkpoint"
): Effect.Effect<Uint8Array<ArrayBuffer>, CheckpointError | TensorError, Backend> =>
  Effect.gen(function*() {
    const leaves = Tree.entries(tree), values = yield* read("checkpoint", leaves.map(([, x]) => x))
    const arrays = Object.fromEntries(leaves.map(([leaf], i): [string, NdArray] => [leaf, values[i]!]))
    const numbers = Tree.numbers(tree)
    const bad = [
      ...Object.entries(arrays).flatMap(([leaf, { data }]) => data.every(Number.isFinite) ? [] : [leaf]),
      ...Object.entries(numbers).flatMap(([leaf, n]) => Number.isFinite(n) ? [] : [leaf])
    ]
    if (bad.length > 0) {
      return yield* fail(name, ...bad.map((leaf) => `${leaf} holds a value that is not finite; nothing was written`))
    }
    const own = {
      format: "effect-neuron",
      version,
      "tfjs-core": version_core,
      numbers: JSON.stringify(numbers)
    }
    return Safetensors.encode(arrays, { metadata: { ...metadata, ...own } })
  })

const numbersOf = ({ numbers }: Metadata): { readonly [path: string]: unknown } => {
  try {
    const parsed: unknown = JSON.parse(numbers ?? "{}")
    return typeof parsed === "object" && parsed !== null ? parsed as { readonly [path: string]: unknown } : {}
  } catch {
    return {}
  }
}

const dtypeOf = ({ data }: NdArray): string =>
  data instanceof Float32Array ? "float32" : data instanceof Int32Array ? "int32" : "bool"

/**
 * Reads the bytes of a checkpoint, which {@link encode} or a file gave, into a tree of the same structure as `like`, which
 * is made, compared and disposed. The caller owns the tensors of the result:
 * `Train.make(Checkpoint.decode(bytes, Train.init(...)), step)` goes on from a checkpoint.
 *
 * With `subset`, what the bytes hold beside `like` is left out: `{ params, state }` of a whole training state, say.
 *
 * Fails with a `CheckpointError` that names every leaf that is missing, unexpected, or of another shape or type; `name`
 * stands in it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Effect } from "effect"
 * import { Backend, Checkpoint } from "effect-neuron"
 *
 * const program = Effect.gen(function*() {
 *   const bytes = yield* Checkpoint.encode({ step: 3, params: { kernel: tf.tensor1d([1, 2]) } })
 *   const like = Effect.sync(() => ({ step: 0, params: { kernel: tf.zeros([2]) } }))
 *   const { step, params } = yield* Checkpoint.decode(bytes, like)
 *   return [step, params.kernel.arraySync()]
 * })
 * await Effect.runPromise(Effect.provide(program, Backend.layerWasm)) // => [3, [1, 2]]
 * ```
 */
export const decode = <T extends Tree.Tree, E, R>(
  bytes: Uint8Array,
  like: Effect.Effect<T, E, R>,
  { name = "checkpoint", subset = false }: { readonly subset?: boolean; readonly name?: string } = {}
): Effect.Effect<T, E | CheckpointError | TensorError, R | Backend> =>
  Effect.flatMap(parse(bytes, name), ({ metadata, tensors: arrays }) =>
    Effect.acquireUseRelease(
      like,
      (like) =>
        Effect.gen(function*() {
          const numbers = numbersOf(metadata)
          const reasons = mismatches(like, arrays, numbers, subset)
          if (reasons.length > 0) return yield* fail(name, ...reasons)
          return yield* tensors("load checkpoint", () =>
            Tree.map(Tree.mapNumbers(like, (_, leaf) => numbers[leaf] as number), (x, leaf): Tensor => {
              const { data, shape } = arrays[leaf]!
              return tensor(data, [...shape], x.dtype as "float32")
            }))
        }),
      (like) =>
        Effect.sync(() =>
          Tree.disposeExcept(like)
        )
    ))

const mismatches = (
  like: Tree.Tree,
  arrays: { readonly [path: string]: NdArray },
  numbers: { readonly [path: string]: unknown },
  subset: boolean
): ReadonlyArray<string> => {
  const reasons: Array<string> = []
  const leaves = new Map(Tree.entries(like)), expectedNumbers = Tree.numbers(like)
  for (const [leaf, x] of leaves) {
    const found = Object.hasOwn(arrays, leaf) ? arrays[leaf] : undefined
    const expected = `${leaf} expects ${x.dtype} ${format(x.shape)}`
    if (found === undefined) reasons.push(`${expected}, the file has none`)
    else if (!equals(found.shape, x.shape) || dtypeOf(found) !== x.dtype) {
      reasons.push(`${expected}, got ${dtypeOf(found)} ${format(found.shape)}`)
    }
  }
  for (const leaf of Object.keys(expectedNumbers)) {
    if (!Object.hasOwn(numbers, leaf) || typeof numbers[leaf] !== "number") {
      reasons.push(`${leaf} expects a number, the file has none`)
    }
  }
  if (subset) return reasons
  for (const leaf of Object.keys(arrays)) if (!leaves.has(leaf)) reasons.push(`${leaf} is in the file but not expected`)
  for (const leaf of Object.keys(numbers)) {
    if (!Object.hasOwn(expectedNumbers, leaf)) reasons.push(`${leaf} is in the file but not expected`)
  }
  return reasons
}
