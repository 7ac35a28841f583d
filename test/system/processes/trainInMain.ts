import { Console, Effect, Stream } from "effect"
// Node alone reads this file, where the package's own name means what has been built.
import { Checkpoint, Key, Layers, Losses, NdArray, Optimizers, Train } from "../../../src/index.ts"
import * as Node from "../../../src/node.ts"

// node trainInMain.ts FOLDER [steps [talk]]: trains by `runMain` until something stops it, or the given number of steps,
// and says when it has begun and what the state is that it leaves, or talks at every step.
const [folder, steps = "Infinity", talk] = process.argv.slice(2)
const model = Layers.dense(1), optimizer = Optimizers.adam(1e-2)
const batch = { x: NdArray.make([[1], [2]]), y: NdArray.make([[2], [4]]), size: 2 }

Node.runMain(
  Effect.gen(function*() {
    const trainer = yield* Train.make(
      Checkpoint.resume(folder!, Train.init({ model, optimizer, input: [1], key: Key.make(1) })),
      Train.supervised({ model, optimizer, loss: Losses.meanSquaredError })
    )
    yield* Effect.addFinalizer(() =>
      Effect.flatMap(Effect.orDie(trainer.state), ({ step }) => Console.log(`left at step ${step}`))
    )
    yield* Stream.fromEffectRepeat(Effect.succeed(batch)).pipe(
      trainer.run,
      Stream.tap(({ step }) => step === 3 || (step > 3 && talk !== undefined) ? Console.log("trains") : Effect.void),
      Checkpoint.every(1_000_000_000, { folder: folder!, trainer }),
      Stream.take(Number(steps)),
      Stream.runDrain
    )
  }).pipe(Effect.scoped, Effect.provide(Node.layer))
)
