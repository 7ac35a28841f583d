import { version_core } from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import type { Backend } from "../backend/Backend.ts"
import { firstNonFinite } from "../backend/finite.ts"
import { read } from "../backend/read.ts"
import { CheckpointError, DataError } from "../core/errors.ts"
import type { TensorError } from "../core/errors.ts"
import { using } from "../core/lender.ts"
import type { Lent } from "../core/lender.ts"
import type { NdArray } from "../core/NdArray.ts"
import * as Tree from "../core/Tree.ts"
import { version } from "../core/version.ts"
import * as Safetensors from "../formats/safetensors.ts"
import { readHeader } from "../formats/safetensorsHeader.ts"
import type { Wrong } from "../formats/safetensorsHeader.ts"

/** Text that is kept with a checkpoint, such as a description of the model. */
export type Metadata = { readonly [name: string]: string }

/** What stands in a file beside the tree. */
export interface SaveOptions {
  /**
   * Text of one's own; `format`, `version`, `tfjs-core`, `numbers` and `monitored` are the library's. By default none.
   */
  readonly metadata?: Metadata
}

export interface EncodeOptions extends SaveOptions {
  /** What the bytes are called in errors. By default `"checkpoint"`. */
  readonly name?: string
}

const FORMAT = "effect-neuron"

/** The failure of a checkpoint. */
export const fail = (path: string, ...reasons: ReadonlyArray<string>) =>
  Effect.fail(new CheckpointError({ path, reasons }))

/** What a checkpoint holds: arrays and numbers by the path of the leaf, and text. */
export interface Contents {
  readonly arrays: { readonly [path: string]: NdArray }
  readonly numbers: { readonly [path: string]: unknown }
  readonly metadata: Metadata
}

const numbersOf = ({ numbers }: Metadata): Contents["numbers"] => {
  try {
    const parsed: unknown = JSON.parse(numbers ?? "{}")
    return typeof parsed === "object" && parsed !== null ? parsed as Contents["numbers"] : {}
  } catch {
    return {}
  }
}

/** What a safetensors file holds, of this library or of another. */
export const parse = (bytes: Uint8Array, name: string): Effect.Effect<Contents, CheckpointError> =>
  Result.match(Safetensors.decode(bytes, name), {
    onFailure: ({ actual, expected }) => fail(name, `expected ${expected}, found ${actual}`),
    onSuccess: ({ metadata, tensors }) => Effect.succeed({ arrays: tensors, numbers: numbersOf(metadata), metadata })
  })

/** The metadata of a safetensors file, and its length in bytes, by what stands before its data. */
export const parseHead = (head: Uint8Array, name: string) => {
  const wrong: Wrong = (expected, actual) => Result.fail(new DataError({ source: name, expected, actual }))
  return Result.match(readHeader(head, wrong), {
    onFailure: ({ actual, expected }) => fail(name, `expected ${expected}, found ${actual}`),
    onSuccess: ({ end, metadata }) => Effect.succeed({ metadata, length: end })
  })
}

/** Whether a file is a checkpoint that this library has written. */
export const isOurs = ({ format }: Metadata): boolean => format === FORMAT

/** The step of the training state that a file holds. */
export const stepIn = (metadata: Metadata): number | undefined => {
  const { step } = numbersOf(metadata)
  return typeof step === "number" && Number.isSafeInteger(step) && step >= 0 ? step : undefined
}

/**
 * The bytes of a checkpoint, a safetensors file: the tensors of a tree by path, its numbers and the versions of this
 * package and of TensorFlow.js in the metadata. In place of a tree it takes a trainer, whose state it holds as long as
 * it reads, so that the bytes are those of one step, whatever steps are taken meanwhile.
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
  source: Lent<Tree.Tree>,
  { metadata = {}, name = "checkpoint" }: EncodeOptions = {}
): Effect.Effect<Uint8Array<ArrayBuffer>, CheckpointError | TensorError, Backend> =>
  using(source, (tree) =>
    Effect.gen(function*() {
      const leaves = Tree.entries(tree), values = yield* read("checkpoint", leaves.map(([, x]) => x))
      const arrays = Object.fromEntries(leaves.map(([leaf], i): [string, NdArray] => [leaf, values[i]!]))
      const numbers = Tree.numbers(tree)
      const bad = [
        ...Object.entries(arrays).flatMap(([leaf, { data }]) => firstNonFinite(data) === undefined ? [] : [leaf]),
        ...Object.entries(numbers).flatMap(([leaf, n]) => Number.isFinite(n) ? [] : [leaf])
      ]
      if (bad.length > 0) {
        return yield* fail(name, ...bad.map((leaf) => `${leaf} holds a value that is not finite; nothing was written`))
      }
      const own = { format: FORMAT, version, "tfjs-core": version_core, numbers: JSON.stringify(numbers) }
      return Safetensors.encode(arrays, { metadata: { ...metadata, ...own } })
    }))
