import { Effect, FileSystem } from "effect"
import type { Stream } from "effect"
import { minOrMax, naturalNumber, positiveInteger, refuse } from "../core/check.ts"
import { crossing } from "../core/crossing.ts"
import { CheckpointError } from "../core/errors.ts"
import { fileProblem } from "../core/files.ts"
import { operator } from "../core/operator.ts"
import { costBy, costOf } from "./best.ts"
import type { Judging } from "./best.ts"
import {
  inFolder,
  isStepFileName,
  ownAt,
  refuseLater,
  removeHalves,
  savedIn,
  stepFileName,
  withValue
} from "./folder.ts"
import type { Saved } from "./folder.ts"
import { alongside, makeWriter } from "./saving.ts"
import type { Saver, SavingError, SavingOptions, SavingServices } from "./saving.ts"

export interface KeepOptions<A> extends SavingOptions, Partial<Judging<A>> {
  /** A checkpoint is written after every so many steps, and at the end, as by {@link every}. */
  readonly every: number
  /** How many of the newest remain. */
  readonly latest: number
  /** How many of the best remain beside them; what is best is said by `monitor` and `mode`. By default 0. */
  readonly best?: number
}

/** The cost of a checkpoint, less where it is better; nothing where nothing was measured. */
const costIn = (mode: "min" | "max", { value }: Saved): number => value === undefined ? Infinity : costBy(mode, value)

const bestOf = (saved: ReadonlyArray<Saved>, mode: "min" | "max", count: number): ReadonlyArray<Saved> =>
  saved.filter(({ value }) => value !== undefined)
    // Of equal ones the newer.
    .sort((a, b) => costIn(mode, a) - costIn(mode, b) || b.step - a.step)
    .slice(0, count)

const remove = (path: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) =>
    Effect.mapError(
      files.remove(path, { force: true }),
      (cause) => new CheckpointError({ path, reasons: [`cannot be removed: ${fileProblem(cause)}`], cause })
    ))

/**
 * An operator on the metrics of a trainer: keeps several checkpoints of it in a folder, each under the number of its
 * step (`step-000500.safetensors`). One is written after every `every`-th step and at the end, as by {@link every}, and
 * one at each step whose monitored value is among the `best` so far. Of them the `latest` newest and the `best` best
 * remain; the others are deleted once a new one is written. Values stand in the files, so that a training that goes on
 * knows them.
 *
 * Only what the library itself has written is ever deleted or overwritten. Fails with a `CheckpointError` when a file
 * cannot be written or deleted, when another file has the name of a checkpoint, and, before the first step, when a
 * training finds checkpoints of a later step than it begins at: they are not of what it has done. Throws a `RangeError`
 * if `every` or `latest` is no positive integer, or `best` none of at least 0, or without a `monitor`, and for
 * another word as `mode`.
 *
 * @example
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect, FileSystem, Layer, Stream } from "effect"
 * import { Backend, Checkpoint, Key, Layers, Losses, NdArray, Optimizers, Train } from "effect-neuron"
 *
 * const model = Layers.dense(1), optimizer = Optimizers.sgd(0.1)
 * const init = Train.init({ model, optimizer, input: [1], key: Key.make(1) })
 * const batch = { x: NdArray.make([1, 2], [2, 1]), y: NdArray.make([2, 4], [2, 1]), size: 2 }
 * const program = Effect.gen(function*() {
 *   const folder = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
 *   const trainer = yield* Train.make(init, Train.supervised({ model, optimizer, loss: Losses.meanSquaredError }))
 *   yield* Stream.forever(Stream.make(batch)).pipe(
 *     Stream.take(45),
 *     trainer.run,
 *     Checkpoint.keep({ folder, trainer, every: 10, latest: 3 }),
 *     Stream.runDrain
 *   )
 *   return (yield* Checkpoint.list(folder)).map(({ step }) => step)
 * })
 * const services = Layer.merge(Backend.layerWasm, NodeServices.layer)
 * await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(services))) // => [45, 40, 30]
 * ```
 */
export const keep: {
  <A extends { readonly step: number }>(options: KeepOptions<A>): Saver<A>
  <A extends { readonly step: number }, E, R>(
    self: Stream.Stream<A, E, R>,
    options: KeepOptions<A>
  ): Stream.Stream<A, E | SavingError, R | SavingServices>
} = /* @__PURE__ */ operator(<A extends { readonly step: number }>(options: KeepOptions<A>) => {
  const { best = 0, every, folder, latest, metadata = {}, mode = "min", monitor, trainer } = options
  positiveInteger("Checkpoint.keep", "every", every)
  positiveInteger("Checkpoint.keep", "latest", latest)
  naturalNumber("Checkpoint.keep", "best", best)
  minOrMax("Checkpoint.keep", mode)
  if (best > 0 && monitor === undefined) refuse("Checkpoint.keep", "monitor", "what tells the best", monitor)
  const judge = costOf<A>({ monitor: monitor ?? (() => undefined), mode })

  const begin = Effect.gen(function*() {
    const writer = yield* makeWriter(trainer), start = writer.last(), isDue = crossing(every, start)
    const found = yield* savedIn(folder, isStepFileName)
    if (found[0] !== undefined && found[0].step > start) return yield* refuseLater(folder, found[0], start)
    yield* removeHalves(folder, isStepFileName)
    let kept = found
    // What the newest element was judged by.
    let judged: ReturnType<typeof judge>

    const save = writer.save((step) => {
      const path = inFolder(folder, stepFileName(step))
      return Effect.as(ownAt(path), { path, metadata: withValue(metadata, judged?.value) })
    }).pipe(Effect.flatMap((written) => {
      if (written === undefined) return Effect.void
      const { path, step } = written
      kept = [{ path, step, ...(judged === undefined ? {} : { value: judged.value }) }, ...kept]
      const stay = new Set([...kept.slice(0, latest), ...bestOf(kept, mode, best)])
      return Effect.forEach(kept.filter((saved) => !stay.has(saved)), (saved) =>
        Effect.map(remove(saved.path), () => {
          kept = kept.filter((other) => other !== saved)
        }), { discard: true })
    }))

    const look = (element: A) => {
      judged = judge(element)
      const worst = bestOf(kept, mode, best).at(best - 1)
      const isGood = best > 0 && judged !== undefined && (worst === undefined || judged.cost < costIn(mode, worst))
      return isDue(element.step) || isGood ? save : Effect.void
    }
    return { look, end: save }
  })
  return <E, R>(self: Stream.Stream<A, E, R>) => alongside(self, begin)
})
