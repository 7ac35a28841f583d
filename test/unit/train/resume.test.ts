import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem, Layer, Path, Stream } from "effect"
import { Backend, Checkpoint, Datasets, NdArray, Pipeline, Train, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { batches, example, init, step } from "../../support/training.ts"

const values = (tree: Tree.Tree) => ({
  numbers: Tree.numbers(tree),
  tensors: Tree.entries(tree).map(([path, x]) => [path, Array.from(x.dataSync())])
})

const dataset = Effect.map(
  Datasets.fromArrays({
    x: NdArray.make(Float32Array.from(Array.from({ length: 200 }, (_, i) => [...example(i).x.data]).flat()), [
      200,
      8,
      8,
      1
    ]),
    y: NdArray.make(Int32Array.from({ length: 200 }, (_, i) => example(i).y.data[0]!), [200])
  }),
  ({ train }) => train
)

layer(Layer.mergeAll(Backend.layerWasm, NodeServices.layer))("Resuming", (it) => {
  const inFolder = <A, E, R>(use: (file: string) => Effect.Effect<A, E, R>) =>
    Effect.scoped(Effect.gen(function*() {
      const folder = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
      return yield* use((yield* Path.Path).join(folder, "deep", "run", Checkpoint.fileName))
    }))

  it.effect("5 steps, save, load and 5 steps equal 10 steps, with dropout, batch norm, clipping and Adam", () =>
    inFolder((file) =>
      Effect.gen(function*() {
        const straight = yield* Effect.scoped(Effect.gen(function*() {
          const t = yield* Train.make(init, step)
          const metrics = yield* batches.pipe(Stream.take(10), t.run, Stream.runCollect)
          return { state: values(yield* t.state), metrics }
        }))
        yield* Effect.scoped(Effect.gen(function*() {
          const t = yield* Train.make(init, step)
          yield* batches.pipe(Stream.take(5), t.run, Stream.runDrain)
          yield* Checkpoint.save(t, file)
        }))
        const resumed = yield* Effect.scoped(Effect.gen(function*() {
          const t = yield* Train.make(Checkpoint.load(file, init), step)
          const metrics = yield* batches.pipe(Stream.drop(5), Stream.take(5), t.run, Stream.runCollect)
          return { state: values(yield* t.state), metrics }
        }))
        assert.deepStrictEqual(resumed.state, straight.state)
        assert.deepStrictEqual(resumed.metrics, straight.metrics.slice(5))
      })
    ).pipe(leavesNoTensor))

  it.effect("is exact at every step of shuffled epochs, in the middle of one too", () =>
    inFolder((file) =>
      Effect.gen(function*() {
        const examples = yield* dataset
        // 200 examples in batches of 16: 13 steps an epoch.
        const stream = (skip: number) =>
          examples.pipe(
            Pipeline.shuffle({ buffer: 60, seed: 7 }),
            Pipeline.batch(16),
            Pipeline.epochs(3, { skip, length: 13 }),
            Pipeline.prefetch(2)
          )
        const run = (skip: number, take: number, initial: typeof init, save: boolean) =>
          Effect.scoped(Effect.gen(function*() {
            const t = yield* Train.make(initial, step)
            const metrics = yield* stream(skip).pipe(Stream.take(take), t.run, Stream.runCollect)
            if (save) yield* Checkpoint.save(t, file)
            return { metrics, state: values(yield* t.state) }
          }))
        const straight = yield* run(0, 39, init, false)
        assert.deepStrictEqual(straight.metrics.map(({ epoch }) => epoch), [0, 1, 2].flatMap((e) => Array(13).fill(e)))
        for (const stop of [1, 6, 12, 13, 14, 20, 26, 38]) {
          const first = yield* run(0, stop, init, true)
          const load = Checkpoint.load(file, init) as typeof init
          const second = yield* run(stop, Infinity, load, false)
          assert.deepStrictEqual([...first.metrics, ...second.metrics], straight.metrics, `stopped after ${stop}`)
          assert.deepStrictEqual(second.state, straight.state, `stopped after ${stop}`)
        }
      })
    ).pipe(leavesNoTensor))

  it.effect("the same key gives the same run, another key another one", () =>
    Effect.gen(function*() {
      const run = (initial: typeof init) =>
        Effect.scoped(Effect.gen(function*() {
          const t = yield* Train.make(initial, step)
          yield* batches.pipe(Stream.take(4), t.run, Stream.runDrain)
          return values(yield* t.state)
        }))
      const [a, b] = [yield* run(init), yield* run(init)]
      assert.deepStrictEqual(a, b)
      const c = yield* run(Effect.map(init, (state) => ({ ...state, key: [0, 7] as const })))
      assert.notDeepEqual(a, c)
    }).pipe(leavesNoTensor))
})
