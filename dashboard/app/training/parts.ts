import { Effect, FileSystem, Stream } from "effect"
import { Checkpoint, Metrics, Optimizers } from "effect-neuron"
import type { Backend, Errors, Tree } from "effect-neuron"
import type { Training } from "effect-neuron/remote"

/** The state to begin with: that of a checkpoint that the page has, which is read as a file that holds it. */
export const restored = <T extends Tree.Tree, E extends Errors.ShapeError | Errors.TensorError>(
  init: Effect.Effect<T, E, Backend.Backend>,
  checkpoint: Uint8Array<ArrayBuffer> | undefined,
  name: string
) =>
  checkpoint === undefined ? init : Checkpoint.load(name, init).pipe(
    Effect.provide(FileSystem.layerNoop({ readFile: () => Effect.succeed(checkpoint) }))
  )

/** A training whose metrics also tell the learning rate, and how many examples are trained on in a second. */
export const withRates = <E, R, X, Y>(training: Training<E, R, X, Y>): Training<E, R, X, Y> => ({
  ...training,
  run: (admit) =>
    training.run(admit).pipe(
      Metrics.throughput({ window: "2 seconds" }) as <A>(self: A) => A,
      Stream.mapEffect((metrics) =>
        Effect.map(training.state, (state) => ({ ...metrics, learningRate: Optimizers.learningRate(state) ?? NaN }))
      )
    )
})
