import { Effect } from "effect"
import type { FileSystem } from "effect"
import type { Backend } from "../backend/Backend.ts"
import { tensors } from "../backend/Backend.ts"
import { withMade } from "../backend/made.ts"
import { refuse } from "../core/check.ts"
import type { CheckpointError, TensorError } from "../core/errors.ts"
import { isBelow } from "../core/structure.ts"
import * as Tree from "../core/Tree.ts"
import { fail, parse } from "./format.ts"
import type { Contents } from "./format.ts"
import { readFile } from "./load.ts"
import { arrayAt, filled, misfit, numberAt } from "./match.ts"

export interface IntoOptions {
  /**
   * What is taken from the file: what stands at a path or below it, `params.encoder`, at one of several, or all whose
   * path the function says yes to.
   */
  readonly only: string | ReadonlyArray<string> | ((path: string) => boolean)
}

/** What is asked for: each part has to give something. */
const partsOf = (only: IntoOptions["only"]): ReadonlyArray<readonly [name: string, has: (path: string) => boolean]> =>
  typeof only === "function"
    ? [["only", only]]
    : (typeof only === "string" ? [only] : only).map((parent) => [parent, (path) => isBelow(path, parent)])

/** The paths that are in both, and what is wrong with what is asked for. */
const choose = (tree: Tree.Tree, contents: Contents, only: IntoOptions["only"]) => {
  const mine = [...Tree.entries(tree).map(([path]) => path), ...Object.keys(Tree.numbers(tree))]
  const inFile = (path: string) => arrayAt(contents, path) !== undefined || numberAt(contents, path) !== undefined
  const theirs = [...Object.keys(contents.arrays), ...Object.keys(contents.numbers)]
  const parts = partsOf(only), isChosen = (path: string) => parts.some(([, has]) => has(path))
  const taken = mine.filter((path) => isChosen(path) && inFile(path))
  const reasons = parts.flatMap(([name, has]) => {
    // Who names a path wants all of it; a function is asked about each leaf, and may say yes to what is not there.
    if (taken.some(has)) {
      return typeof only === "function"
        ? []
        : mine.filter((path) => has(path) && !inFile(path)).map((path) => `${path} is not in the file`)
    }
    const [here, there] = [mine.some(has), theirs.some(has)]
    return [
      here
        ? `${name} is not in the file`
        : there
        ? `${name} is in the file but not in what is initialized`
        : `${name} is neither in the file nor in what is initialized`
    ]
  })
  const leaves = new Map(Tree.entries(tree))
  for (const path of taken) {
    const x = leaves.get(path), array = arrayAt(contents, path)
    const wrong = x === undefined
      ? numberAt(contents, path) === undefined ? `${path} expects a number, the file has an array` : undefined
      : misfit(path, x, array)
    if (wrong !== undefined) reasons.push(wrong)
  }
  return { taken, left: mine.filter((path) => !taken.includes(path)), reasons }
}

const SHOWN = 8

/** Paths in one line, which stays short. */
const shown = (paths: ReadonlyArray<string>): string =>
  paths.length <= SHOWN ? paths.join(", ") : `${paths.slice(0, SHOWN).join(", ")} and ${paths.length - SHOWN} more`

/**
 * A new state with some of the weights of a checkpoint: those that `only` chooses, of a path or below it, are the
 * file's, everything else is as `init` makes it, the step and the optimizer's state too. So a training starts warm with
 * another head: `Train.make(Checkpoint.into(path, init, { only: ["params.body", "state.body"] }), step)`. The file may
 * be a checkpoint or any other safetensors file. The caller owns the tensors of the result.
 *
 * What was taken and what was left is logged, at level `Info`; at level `Debug` with all paths, as annotations `taken`
 * and `left`.
 *
 * Fails with a `CheckpointError` that names each path of `only` of which nothing could be taken, and says whether it is
 * the file that has none or the state, each leaf of the state at such a path or below it that the file lacks, and each
 * leaf of another shape or type. Of what a function says yes to, the file may lack some. Throws a `RangeError` if
 * `only` names no path.
 *
 * @example
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect, FileSystem, Layer, Logger } from "effect"
 * import { Backend, Checkpoint, Key, Layers, Losses, Optimizers, Train } from "effect-neuron"
 *
 * const optimizer = Optimizers.adam(1e-3)
 * const make = (classes: number) => {
 *   const model = Layers.named({ body: Layers.dense(16), relu: Layers.relu, head: Layers.dense(classes) })
 *   return [
 *     Train.init({ model, optimizer, input: [4], key: Key.make(classes) }),
 *     Train.supervised({ model, optimizer, loss: Losses.softmaxCrossEntropy })
 *   ] as const
 * }
 * const program = Effect.gen(function*() {
 *   const file = `${yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()}/model.safetensors`
 *   const trained = yield* Train.make(...make(10))
 *   yield* Checkpoint.save(trained, file)
 *
 *   const [init, step] = make(3)
 *   const trainer = yield* Train.make(Checkpoint.into(file, init, { only: "params.body" }), step)
 *   const before = (yield* trained.state).params, { params } = yield* trainer.state
 *   return [params.body.kernel.arraySync(), params.head.kernel.shape, before.body.kernel.arraySync()]
 * })
 * const services = Layer.mergeAll(Backend.layerWasm, NodeServices.layer, Logger.layer([]))
 * const [kernel, shape, expected] = await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(services)))
 * shape // => [16, 3]
 * JSON.stringify(kernel) === JSON.stringify(expected) // => true
 * ```
 */
export const into = <T extends Tree.Tree, E, R>(
  path: string,
  init: Effect.Effect<T, E, R>,
  { only }: IntoOptions
): Effect.Effect<T, E | CheckpointError | TensorError, R | Backend | FileSystem.FileSystem> => {
  if (typeof only !== "function" && only.length === 0) refuse("Checkpoint.into", "only", "at least one path", undefined)
  return Effect.flatMap(
    readFile(path),
    (bytes) =>
      Effect.flatMap(
        parse(bytes, path),
        (contents) =>
          withMade(init, (tree): Effect.Effect<T, CheckpointError | TensorError, Backend> => {
            const { left, reasons, taken } = choose(tree, contents, only)
            if (reasons.length > 0) {
              return fail(path, ...reasons)
            }
            const isTaken = new Set(taken)
            const merged = tensors("load checkpoint", () =>
              Tree.map(
                Tree.mapNumbers(tree, (n, leaf) => isTaken.has(leaf) ? numberAt(contents, leaf)! : n),
                (x, leaf) => isTaken.has(leaf) ? filled(x, arrayAt(contents, leaf)!) : x
              ))
            const said = Effect.andThen(
              Effect.logInfo(
                `${path}: took ${taken.length} leaves (${shown(taken)}), left ${left.length} as initialized` +
                  (left.length === 0 ? "" : ` (${shown(left)})`)
              ),
              Effect.logDebug(`${path}: all leaves`).pipe(Effect.annotateLogs({ taken, left }))
            )
            return Effect.tap(merged, () => said)
          })
      )
  )
}
