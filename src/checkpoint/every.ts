import { Effect } from "effect"
import type { Stream } from "effect"
import { positiveInteger } from "../core/check.ts"
import { crossing } from "../core/crossing.ts"
import { operator } from "../core/operator.ts"
import { fileName, inFolder, ownAt, removeHalves } from "./folder.ts"
import { alongside, makeWriter } from "./saving.ts"
import type { SavingError, SavingOptions, SavingServices } from "./saving.ts"

/**
 * An operator on the metrics of a trainer: saves its state to `model.safetensors` in a folder after every `n`-th step
 * and at the end, however far the last one is behind: when the stream ends, when it is stopped (`Stream.take`), and
 * when it is interrupted. When it fails, the file stays that of the last `n`-th step: what made a loss infinite began
 * before. A state that is saved already is not saved again. To go on from it, {@link resume}.
 *
 * Behind an operator that leaves steps out (`Metrics.perEpoch()`) it saves at the first that is at or past a multiple
 * of `n`. Throws a `RangeError` if `n` is no positive integer. Fails with a `CheckpointError` when a file cannot be
 * written, and, before the first step, when `model.safetensors` is a file that this library has not written. At the end
 * of a stream that is stopped or interrupted this failure is a defect, for there is nobody to be told otherwise.
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
 *     trainer.run,
 *     Checkpoint.every(10, { folder, trainer }),
 *     Stream.take(25),
 *     Stream.runDrain
 *   )
 *   return (yield* Checkpoint.list(folder)).map(({ step }) => step)
 * })
 * const services = Layer.merge(Backend.layerWasm, NodeServices.layer)
 * await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(services))) // => [25]
 * ```
 */
export const every: {
  (
    n: number,
    options: SavingOptions
  ): <A extends { readonly step: number }, E, R>(
    self: Stream.Stream<A, E, R>
  ) => Stream.Stream<A, E | SavingError, R | SavingServices>
  <A extends { readonly step: number }, E, R>(
    self: Stream.Stream<A, E, R>,
    n: number,
    options: SavingOptions
  ): Stream.Stream<A, E | SavingError, R | SavingServices>
} = /* @__PURE__ */ operator((n: number, { folder, trainer, ...options }: SavingOptions) => {
  positiveInteger("Checkpoint.every", "n", n)
  return <A extends { readonly step: number }, E, R>(self: Stream.Stream<A, E, R>) =>
    alongside(
      self,
      Effect.gen(function*() {
        const path = inFolder(folder, fileName)
        yield* ownAt(path)
        yield* removeHalves(folder, (name) => name === fileName)
        const { last, save } = yield* makeWriter(trainer), isDue = crossing(n, last())
        const end = Effect.asVoid(save(() => Effect.succeed({ ...options, path })))
        return { look: ({ step }: A) => isDue(step) ? end : Effect.void, end }
      })
    )
})
