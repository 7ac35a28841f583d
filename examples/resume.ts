// A training that is stopped in the middle of an epoch and gone on with ends in the same weights, bit for bit, as one
// that is not.
// npm run example examples/resume.ts
import { NodeServices } from "@effect/platform-node"
import { Console, Effect, FileSystem, Stream } from "effect"
import {
  Backend,
  Checkpoint,
  Datasets,
  Key,
  Layers,
  Losses,
  Optimizers,
  Pipeline,
  Schedules,
  Train,
  Tree
} from "effect-neuron"

const model = Layers.named({
  flat: Layers.flatten,
  hidden: Layers.dense(32),
  norm: Layers.batchNorm(),
  relu: Layers.relu,
  drop: Layers.dropout(0.2),
  head: Layers.dense(10)
})
const optimizer = Optimizers.adam(Schedules.cosine({ base: 1e-2, steps: 30 }))
const dataset = Datasets.digits({ train: 640, test: 0 })
const init = Train.init({ model, optimizer, input: dataset.shapes.x, key: Key.make(1) })
const step = Train.supervised({ model, optimizer, loss: Losses.softmaxCrossEntropy })

/** Batches of three epochs of ten, from the first that has not been seen. */
const batches = (seen: number) =>
  dataset.train.pipe(
    Pipeline.shuffle({ buffer: 300, seed: 7 }),
    Pipeline.batch(64),
    Pipeline.epochs(3, { skip: seen, length: 10 })
  )

const weights = (state: Tree.Tree) => Tree.leaves(state).map((x) => Array.from(x.dataSync()).join())

const program = Effect.gen(function*() {
  const folder = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()

  const straight = yield* Train.make(init, step)
  yield* batches(0).pipe(straight.run, Stream.runDrain)

  const first = yield* Train.make(init, step)
  yield* batches(0).pipe(
    first.run,
    Checkpoint.every(5, { folder, trainer: first }),
    Stream.take(17), // stops after step 17, which is saved too
    Stream.runDrain
  )

  const second = yield* Train.make(Checkpoint.resume(folder, init), step)
  const { step: seen } = yield* second.state
  yield* batches(seen).pipe(second.run, Stream.runDrain)

  const expected = weights(yield* straight.state), resumed = weights(yield* second.state)
  const same = expected.every((values, i) => values === resumed[i])
  yield* Console.log(`went on after step ${seen} of 30; the weights are ${same ? "the same" : "different"}`)
  if (!same) return yield* Effect.fail("resuming changed the weights")
})

await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide([Backend.layerWasm, NodeServices.layer])))
