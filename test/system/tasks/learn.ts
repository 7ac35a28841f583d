import { Effect, Stream } from "effect"
import { Key, Optimizers, Train } from "effect-neuron"
import type { Layers, Losses, Tree } from "effect-neuron"

/** How long and on what a model learns. */
export interface Learning<X extends Tree.Tree> {
  readonly input: Tree.ShapeOf<X>
  readonly rate: number
  readonly steps: number
  /** Batch `i`, from 1 on; that of 0 is not learned. */
  readonly batch: (i: number) => Train.SupervisedBatch<Tree.HostOf<X>>
}

/** A trainer that has learned, as long as the scope is open. */
export const learn = <P extends Tree.Tree, S extends Tree.Tree, X extends Tree.Tree, Y extends Tree.Tree>(
  model: Layers.Layer<P, S, X, Y>,
  loss: Losses.Loss<Y>,
  { batch, input, rate, steps }: Learning<X>
) =>
  Effect.gen(function*() {
    const optimizer = Optimizers.chain(Optimizers.clipByGlobalNorm(1), Optimizers.adam(rate))
    const trainer = yield* Train.make(
      Train.init({ model, optimizer, input, key: Key.make(1) }),
      Train.supervised({ model, loss, optimizer })
    )
    yield* Stream.range(1, steps).pipe(Stream.map(batch), trainer.run, Stream.runDrain)
    return trainer
  })
