import { Effect, Result } from "effect"
import type { FileSystem, Scope } from "effect"
import { dual } from "effect/Function"
import type { Backend } from "../backend/Backend.ts"
import { builder } from "../core/description.ts"
import type { DescriptionError, KindLike } from "../core/description.ts"
import { CheckpointError } from "../core/errors.ts"
import type { TensorError } from "../core/errors.ts"
import * as Key from "../core/Key.ts"
import { messageOf } from "../core/messageOf.ts"
import { isShape } from "../core/Shape.ts"
import type { Known, ShapeTree } from "../core/Shape.ts"
import { isBranch, join } from "../core/structure.ts"
import * as Tree from "../core/Tree.ts"
import { allowing, constant } from "../layers/allowance.ts"
import { initialize } from "../layers/initialize.ts"
import type { Any } from "../layers/Layer.ts"
import { restored } from "./decode.ts"
import { DESCRIPTION, INPUT, UNDESCRIBED } from "./describe.ts"
import type { PartOptions } from "./describe.ts"
import { fail, parse } from "./format.ts"
import type { Contents, Metadata } from "./format.ts"
import { readFile } from "./load.ts"

/** How a model is made of a file. */
export interface ModelOptions extends PartOptions {
  /**
   * The kinds that the model may have: `Layers.kinds` are all of this library, and a shorter list keeps the others out
   * of the bundle of a page. See `Layers.build`.
   */
  readonly kinds: ReadonlyArray<KindLike>
}

/** A model of a file with its weights, for `Train.predict`, `Train.evaluate`, or a training that goes on from them. */
export interface Restored {
  readonly model: Any
  /** The shape of one example. */
  readonly input: ShapeTree
  readonly weights: { readonly params: Tree.Tree; readonly state: Tree.Tree }
  readonly metadata: Metadata
}

// As deep as descriptions: shapes of inputs are not nested for its own sake.
const LEVELS = 64

const isShapeTree = (u: unknown, levels = LEVELS): u is ShapeTree =>
  isShape(u) || (levels > 0 && isBranch(u) && Object.values(u).every((part) => isShapeTree(part, levels - 1)))

const parsed = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

const own = (metadata: Metadata, key: string): string | undefined =>
  Object.hasOwn(metadata, key) ? metadata[key] : undefined

/** The description and the input that a file has. */
const described = ({ metadata }: Contents, name: string, at: string) => {
  const description = own(metadata, join(at, DESCRIPTION)), input = parsed(own(metadata, join(at, INPUT)) ?? "")
  if (description !== undefined && isShapeTree(input)) return Effect.succeed({ json: parsed(description), input })
  const why = own(metadata, join(at, UNDESCRIBED)) ?? "it was saved without Checkpoint.describe"
  return fail(name, `does not say of what model its ${at === "" ? "weights" : at} are: ${why}`)
}

const orFail = <A>(name: string, result: Result.Result<A, DescriptionError>): Effect.Effect<A, CheckpointError> =>
  Result.match(result, {
    onFailure: ({ message }) => fail(name, `describes no model that can be built: ${message}`),
    onSuccess: (model) => Effect.succeed(model)
  })

/**
 * The weights of a model whose initializers make zeros: what is in the file is compared with these. No more values are
 * made than the file has, for what it describes could be larger than any memory; layers of one's own that make weights
 * without an initializer answer for themselves.
 */
const likeOf = (model: Any, input: ShapeTree, name: string, count: number) =>
  initialize(() =>
    Result.map(
      allowing(count, tooMany(count, name), () => model.init(Key.make(0), input)),
      ({ params, state }: { readonly params: Tree.Tree; readonly state: Tree.Tree }) => ({ params, state })
    )
  ).pipe(
    Effect.mapError((error) => {
      if (error._tag === "ShapeError") {
        return new CheckpointError({ path: name, reasons: [`its model does not take its input: ${error.message}`] })
      }
      const { cause } = error
      if (cause instanceof CheckpointError) return cause
      // Layers that do not fit together can throw anything when a file, and not the compiler, has put them together.
      return new CheckpointError({
        path: name,
        reasons: [`its model cannot be initialized: ${messageOf(cause)}`],
        cause
      })
    })
  )

/** Zeros in place of every initializer. */
const toZeros = (_: Key.Key, shape: Known) => constant(shape, 0)

const tooMany = (count: number, name: string) => () =>
  new CheckpointError({ path: name, reasons: [`its model has more parameters than it has values (${count})`] })

/**
 * {@link model} of bytes, which {@link encode} gave or which were loaded from somewhere; `name` stands in errors. The
 * caller owns the tensors of the weights.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Backend, Checkpoint, Key, Layers, Optimizers, Train } from "effect-neuron"
 *
 * const model = Layers.named({ hidden: Layers.dense(4), relu: Layers.relu, head: Layers.dense(1) })
 * const program = Effect.gen(function*() {
 *   const state = yield* Train.init({ model, optimizer: Optimizers.sgd(0.1), input: [2], key: Key.make(1) })
 *   const bytes = yield* Checkpoint.encode(state, { metadata: Checkpoint.describe(model, { input: [2] }) })
 *   return (yield* Checkpoint.decodeModel(bytes, { kinds: Layers.kinds })).model.name
 * })
 * await Effect.runPromise(Effect.provide(program, Backend.layerWasm))
 * // => "named(hidden: dense(4), relu: relu, head: dense(1))"
 * ```
 */
export const decodeModel: {
  (
    bytes: Uint8Array,
    options: ModelOptions & { readonly name?: string }
  ): Effect.Effect<Restored, CheckpointError | TensorError, Backend>
  (
    options: ModelOptions & { readonly name?: string }
  ): (bytes: Uint8Array) => Effect.Effect<Restored, CheckpointError | TensorError, Backend>
} = /* @__PURE__ */ dual(
  2,
  (bytes: Uint8Array, { at = "", kinds, name = "checkpoint" }: ModelOptions & { readonly name?: string }) => {
    const build = builder(kinds, "layer")
    return Effect.gen(function*() {
      const contents = yield* parse(bytes, name), { input, json } = yield* described(contents, name, at)
      const model = yield* orFail(name, build(json)) as Effect.Effect<Any, CheckpointError>
      const count = Object.values(contents.arrays).reduce((sum, { data }) => sum + data.length, 0)
      const empty = yield* orFail(name, build(json, toZeros)) as Effect.Effect<Any, CheckpointError>
      const like = Effect.map(likeOf(empty, input, name, count), (weights) => nested(at, weights))
      const tree = yield* restored(contents, like, { name, subset: true })
      const weights = partOf(at, tree) as Restored["weights"]
      return { model, input, weights, metadata: contents.metadata }
    })
  }
)

const keysOf = (at: string): ReadonlyArray<string> => at === "" ? [] : at.split(".")

/** A tree at a path, and nothing beside it. */
const nested = (at: string, tree: Tree.Tree): Tree.Tree =>
  keysOf(at).reduceRight<Tree.Tree>((inner, key) => ({ [key]: inner }), tree)

const partOf = (at: string, tree: Tree.Tree): Tree.Tree =>
  keysOf(at).reduce<Tree.Tree>((outer, key) => (outer as { readonly [key: string]: Tree.Tree })[key]!, tree)

/**
 * The model of a checkpoint and its weights, of the file alone: one that was saved with the metadata of {@link
 * describe}. The weights are freed with the Scope. The kinds that the model may have are given (`Layers.kinds` for all
 * of the library, and those of one's own): a file cannot bring others in.
 *
 * Fails with a `CheckpointError` when the file does not say of what model it is, says so wrongly, has a kind that is
 * not in the list, or has other weights than its model. What it says is read with distrust, as by `Layers.build`, and
 * the layers of the library make no more parameters and running state than it has values.
 *
 * @example
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect, FileSystem, Layer, Stream } from "effect"
 * import { Backend, Checkpoint, Initializers, Key, Layers, NdArray, Optimizers, Train } from "effect-neuron"
 *
 * const program = Effect.gen(function*() {
 *   const file = `${yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()}/model.safetensors`
 *   const trained = Layers.dense(1, { kernelInitializer: Initializers.ones })
 *   const init = Train.init({ model: trained, optimizer: Optimizers.sgd(0.1), input: [2], key: Key.make(1) })
 *   yield* Checkpoint.save(yield* init, file, { metadata: Checkpoint.describe(trained, { input: [2] }) })
 *
 *   const { model, weights } = yield* Checkpoint.model(file, { kinds: Layers.kinds })
 *   return yield* Stream.runCollect(Train.predict(Stream.make({ x: NdArray.make([1, 2], [1, 2]) }), model, weights))
 * })
 * const services = Layer.merge(Backend.layerWasm, NodeServices.layer)
 * await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(services)))
 * // => [{ data: Float32Array.of(3), shape: [1, 1] }]
 * ```
 */
export const model = (
  path: string,
  options: ModelOptions
): Effect.Effect<Restored, CheckpointError | TensorError, Backend | FileSystem.FileSystem | Scope.Scope> =>
  Effect.acquireRelease(
    Effect.flatMap(readFile(path), (bytes) => decodeModel(bytes, { ...options, name: path })),
    ({ weights }) => Effect.sync(() => Tree.disposeExcept(weights))
  )
