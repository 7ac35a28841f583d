import { Effect } from "effect"
import type { Stream } from "effect"
import { minOrMax } from "../core/check.ts"
import { operator } from "../core/operator.ts"
import { bestFileName, inFolder, ownAt, refuseLater, removeHalves, withValue } from "./folder.ts"
import { alongside, makeWriter } from "./saving.ts"
import type { Saver, SavingError, SavingOptions, SavingServices } from "./saving.ts"

/** What tells which of several states is the best. */
export interface Judging<A> {
  /** The value that counts, of what comes by; where it is `undefined` or not finite there is nothing to compare. */
  readonly monitor: (element: A) => number | undefined
  /** Whether the least value is the best one, or the greatest. By default `"min"`. */
  readonly mode?: "min" | "max"
}

/** A value, less where it is better. */
export const costBy = (mode: "min" | "max", value: number): number => mode === "min" ? value : -value

/** The value of an element and its cost, where it has one. */
export const costOf =
  <A>({ mode = "min", monitor }: Judging<A>) =>
  (element: A): { readonly value: number; readonly cost: number } | undefined => {
    const value = monitor(element)
    return value === undefined || !Number.isFinite(value) ? undefined : { value, cost: costBy(mode, value) }
  }

export interface BestOptions<A> extends SavingOptions, Judging<A> {}

/**
 * An operator on the metrics of a trainer: saves its state to `best.safetensors` in a folder whenever the value that is
 * monitored is better than ever before, by `mode` the least or the greatest. Behind `Train.validating` it is the best
 * of a validation: `monitor: ({ validation }) => validation?.loss`. The value stands in the file, so that a training
 * that goes on from a later step replaces it by a better one only.
 *
 * The file holds the state as the operators that stand in the pipe before this one have left it. What one behind it
 * changes at the same step, as `Train.reduceOnPlateau` the learning rate, is not in it; {@link resume} takes another
 * file of that step where there is one.
 *
 * Fails with a `CheckpointError` as {@link every} does, and, before the first step, when the folder has a best file of
 * a later step than the training begins at: it is that of another training. Throws a `RangeError` for another word as
 * `mode`.
 *
 * @example
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect, FileSystem, Layer, Stream } from "effect"
 * import { Backend, Checkpoint, Key, Layers, Losses, NdArray, Optimizers, Train } from "effect-neuron"
 *
 * const model = Layers.dense(1), optimizer = Optimizers.sgd(0.1)
 * const init = Train.init({ model, optimizer, input: [1], key: Key.make(1) })
 * const batch = (y: number) => ({ x: NdArray.make([1], [1, 1]), y: NdArray.make([y], [1, 1]), size: 1 })
 * const program = Effect.gen(function*() {
 *   const folder = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
 *   const trainer = yield* Train.make(init, Train.supervised({ model, optimizer, loss: Losses.meanSquaredError }))
 *   yield* Stream.make(batch(2), batch(2), batch(2), batch(9)).pipe(
 *     trainer.run,
 *     Checkpoint.best({ folder, trainer, monitor: ({ loss }) => loss }),
 *     Stream.runDrain
 *   )
 *   return (yield* Checkpoint.list(folder)).map(({ step }) => step)
 * })
 * const services = Layer.merge(Backend.layerWasm, NodeServices.layer)
 * await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(services))) // => [3]
 * ```
 */
export const best: {
  <A>(options: BestOptions<A>): Saver<A>
  <A, E, R>(
    self: Stream.Stream<A, E, R>,
    options: BestOptions<A>
  ): Stream.Stream<A, E | SavingError, R | SavingServices>
} = /* @__PURE__ */ operator(
  <A>({ folder, metadata = {}, mode = "min", monitor, trainer }: BestOptions<A>) => {
    minOrMax("Checkpoint.best", mode)
    const judge = costOf({ mode, monitor })
    return <E, R>(self: Stream.Stream<A, E, R>) =>
      alongside(
        self,
        Effect.gen(function*() {
          const path = inFolder(folder, bestFileName)
          const found = yield* ownAt(path)
          const { last, save } = yield* makeWriter(trainer)
          if (found !== undefined && found.step > last()) return yield* refuseLater(folder, found, last())
          yield* removeHalves(folder, (name) => name === bestFileName)
          let least = found?.value === undefined ? Infinity : costBy(mode, found.value)
          const look = (element: A) => {
            const judged = judge(element)
            if (judged === undefined || judged.cost >= least) return Effect.void
            const target = { metadata: withValue(metadata, judged.value), path }
            // A trainer that reads several steps together is at one state for all of their elements.
            return Effect.map(save(() => Effect.succeed(target), { again: true }), () => {
              least = judged.cost
            })
          }
          return { look, end: Effect.void }
        })
      )
  }
)
