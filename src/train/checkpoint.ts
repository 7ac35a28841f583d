import { tensor, version_core } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect, FileSystem, Path, Result, Stream } from "effect"
import type { Backend } from "../backend/Backend.ts"
import { tensors } from "../backend/Backend.ts"
import { read as readTensors } from "../backend/read.ts"
import { CheckpointError } from "../core/errors.ts"
import type { TensorError } from "../core/errors.ts"
import { fileProblem, writeBytes } from "../core/files.ts"
import type { NdArray } from "../core/NdArray.ts"
import { equals, format } from "../core/Shape.ts"
import * as Tree from "../core/Tree.ts"
import { version } from "../core/version.ts"
import * as Safetensors from "../formats/safetensors.ts"

/** Text that is kept with a checkpoint, such as a description of the model. */
export type Metadata = { readonly [name: string]: string }

type Files = FileSystem.FileSystem | Path.Path

const fail = (path: string, ...reasons: ReadonlyArray<string>) => Effect.fail(new CheckpointError({ path, reasons }))

/**
 * The bytes of a checkpoint, as {@link save} writes them: its tensors by path, its numbers and the versions of this
 * package and of TensorFlow.js in the metadata.
 *
 * Fails with a `CheckpointError` when a value is not finite; `name` stands in it.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Effect, Result } from "effect"
 * import { Backend, Checkpoint, Safetensors } from "effect-neuron"
 *
 * const program = Effect.gen(function*() {
 *   const bytes = yield* Checkpoint.encode({ step: 3, params: { kernel: tf.tensor1d([1, 2]) } })
 *   return Result.getOrThrow(Safetensors.decode(bytes)).tensors
 * })
 * await Effect.runPromise(Effect.provide(program, Backend.layerWasm))
 * // => { "params.kernel": { data: Float32Array.of(1, 2), shape: [2] } }
 * ```
 */
export const encode = (
  tree: Tree.Tree,
  metadata: Metadata = {},
  name = "checkpoint"
): Effect.Effect<Uint8Array<ArrayBuffer>, CheckpointError | TensorError, Backend> =>
  Effect.gen(function*() {
    const leaves = Tree.entries(tree), values = yield* readTensors("checkpoint", leaves.map(([, x]) => x))
    const arrays = Object.fromEntries(leaves.map(([leaf], i): [string, NdArray] => [leaf, values[i]!]))
    const numbers = Tree.numbers(tree)
    const bad = [
      ...Object.entries(arrays).flatMap(([leaf, { data }]) => data.every(Number.isFinite) ? [] : [leaf]),
      ...Object.entries(numbers).flatMap(([leaf, n]) => Number.isFinite(n) ? [] : [leaf])
    ]
    if (bad.length > 0) {
      return yield* fail(name, ...bad.map((leaf) => `${leaf} holds a value that is not finite; nothing was written`))
    }
    return Safetensors.encode(arrays, {
      ...metadata,
      format: "effect-neuron",
      version,
      "tfjs-core": version_core,
      numbers: JSON.stringify(numbers)
    })
  })

/**
 * Writes a tree to a safetensors file: its tensors by path, its numbers and the versions of this package and of
 * TensorFlow.js in the metadata. The file is whole or as it was before, whatever happens on the way.
 *
 * Fails with a `CheckpointError` when the file cannot be written, and when a value is not finite: a checkpoint that
 * cannot be trained on does not take the place of one that can.
 *
 * @example
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Effect, FileSystem, Layer } from "effect"
 * import { Backend, Checkpoint } from "effect-neuron"
 *
 * const program = Effect.gen(function*() {
 *   const folder = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
 *   const state = { step: 3, params: { kernel: tf.tensor1d([1, 2]) } }
 *   yield* Checkpoint.save(`${folder}/model.safetensors`, state)
 *   const like = Effect.sync(() => ({ step: 0, params: { kernel: tf.zeros([2]) } }))
 *   const { step, params } = yield* Checkpoint.load(`${folder}/model.safetensors`, like)
 *   return [step, params.kernel.arraySync()]
 * })
 * const services = Layer.merge(Backend.layerWasm, NodeServices.layer)
 * await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(services))) // => [3, [1, 2]]
 * ```
 */
export const save = (
  path: string,
  tree: Tree.Tree,
  metadata: Metadata = {}
): Effect.Effect<void, CheckpointError | TensorError, Backend | Files> =>
  Effect.flatMap(encode(tree, metadata, path), (bytes) =>
    writeBytes(path, Stream.succeed(bytes)).pipe(
      Effect.mapError((cause) => new CheckpointError({ path, reasons: [`cannot be written: ${cause.actual}`], cause })),
      Effect.uninterruptible
    ))

const read = (path: string) =>
  Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem
    const bytes = yield* Effect.catch(fs.readFile(path), (cause) =>
      Effect.fail(new CheckpointError({ path, reasons: [`cannot be read: ${fileProblem(cause)}`], cause })))
    return yield* Result.match(Safetensors.decode(bytes, path), {
      onFailure: ({ actual, expected }) =>
        fail(path, `expected ${expected}, found ${actual}`),
      onSuccess: (file) => Effect.succeed(file)
    })
  })

/**
 * The metadata of a safetensors file.
 *
 * Fails with a `CheckpointError` when the file cannot be read or is no safetensors file.
 *
 * @example
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect } from "effect"
 * import { Checkpoint } from "effect-neuron"
 *
 * const failing = Effect.flip(Checkpoint.metadata("nothing/model.safetensors"))
 * const error = await Effect.runPromise(Effect.provide(failing, NodeServices.layer))
 * error.message // => "nothing/model.safetensors: cannot be read: no such file"
 * ```
 */
export const metadata = (path: string): Effect.Effect<Metadata, CheckpointError, FileSystem.FileSystem> =>
  Effect.map(read(path), (file) => file.metadata)

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
 * Reads a checkpoint into a tree of the same structure as `like`, which is made, compared and disposed. The caller owns
 * the tensors of the result: `Train.make(Checkpoint.load(path, Train.init(...)), step)` goes on from a checkpoint.
 *
 * With `subset`, what the file holds beside `like` is left out: `{ params, state }` of a whole training state, say.
 *
 * Fails with a `CheckpointError` that names every leaf that is missing, unexpected, or of another shape or type.
 *
 * @example
 * ```ts
 * import { Checkpoint, Key, Layers, Losses, Optimizers, Train } from "effect-neuron"
 *
 * const model = Layers.dense(1), optimizer = Optimizers.adam(1e-3)
 * const init = Train.init({ model, optimizer, input: [1], key: Key.make(1) })
 * const resumed = Train.make(
 *   Checkpoint.load("runs/line/model.safetensors", init),
 *   Train.supervised({ model, optimizer, loss: Losses.meanSquaredError })
 * )
 * ```
 */
export const load = <T extends Tree.Tree, E, R>(
  path: string,
  like: Effect.Effect<T, E, R>,
  { subset = false }: { readonly subset?: boolean } = {}
): Effect.Effect<T, E | CheckpointError | TensorError, R | Backend | FileSystem.FileSystem> =>
  Effect.acquireUseRelease(
    like,
    (like) =>
      Effect.gen(function*() {
        const { metadata, tensors: arrays } = yield* read(path)
        const numbers = numbersOf(metadata)
        const reasons = mismatches(like, arrays, numbers, subset)
        if (reasons.length > 0) return yield* fail(path, ...reasons)
        return yield* tensors("load checkpoint", () =>
          Tree.map(like, (x, leaf): Tensor => {
            const { data, shape } = arrays[leaf]!
            return tensor(data, [...shape], x.dtype as "float32")
          }, (_, leaf) => numbers[leaf] as number))
      }),
    (like) => Effect.sync(() => Tree.disposeExcept(like))
  )

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

/**
 * For `Stream.tap` behind a trainer: after every `n`-th step, writes the trainer's state to `model.safetensors` in a
 * folder.
 *
 * @example
 * ```ts
 * import { Stream } from "effect"
 * import { Checkpoint } from "effect-neuron"
 * import type { Train } from "effect-neuron"
 *
 * const train = <B, M, E, R>(trainer: Train.Trainer<Train.TrainState<{}, {}>, B, M, E, R>, batches: Stream.Stream<B>) =>
 *   batches.pipe(trainer.run, Stream.tap(Checkpoint.every(500, "runs/mnist", trainer)), Stream.runDrain)
 * ```
 */
export const every = <A extends { readonly step: number }>(
  n: number,
  folder: string,
  trainer: { readonly state: Effect.Effect<Tree.Tree> },
  metadata: Metadata = {}
) =>
(metrics: A): Effect.Effect<void, CheckpointError | TensorError, Backend | Files> =>
  metrics.step % n === 0
    ? Effect.flatMap(Path.Path, ({ join }) =>
      Effect.flatMap(trainer.state, (state) => save(join(folder, fileName), state, metadata)))
    : Effect.void

/**
 * The name of the checkpoint in a run's folder.
 *
 * @example
 * ```ts
 * import { Checkpoint } from "effect-neuron"
 *
 * Checkpoint.fileName // => "model.safetensors"
 * ```
 */
export const fileName = "model.safetensors"
