import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Deferred, Effect, Exit, Fiber, FileSystem, Layer, Stream } from "effect"
import { Backend, Checkpoint, Metrics, Safetensors, Train, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { inTempFolder, withFiles } from "../../support/files.ts"
import { batch, batches, init, step, supervision } from "../../support/training.ts"

/** A trainer, a folder of its own, and the names that files were given in it, in order. */
const test = <A, E, R>(
  use: (run: {
    readonly folder: string
    readonly trainer: Effect.Success<typeof make>
    readonly written: ReadonlyArray<string>
    readonly steps: Effect.Effect<{ readonly [name: string]: number }, unknown, FileSystem.FileSystem>
  }) => Effect.Effect<A, E, R>
) =>
  inTempFolder((folder) =>
    Effect.gen(function*() {
      const written: Array<string> = []
      const steps = Effect.map(
        Checkpoint.list(folder),
        (saved) => Object.fromEntries(saved.map(({ path, step }) => [path.slice(folder.length + 1), step]))
      )
      return yield* Effect.flatMap(make, (trainer) => use({ folder, trainer, written, steps })).pipe(
        withFiles((files) => ({
          rename: (from, to) =>
            Effect.tap(files.rename(from, to), () => Effect.sync(() => written.push(to.slice(folder.length + 1))))
        }))
      )
    })
  ).pipe(leavesNoTensor)

const make = Train.make(init, step)

const monitorOf = (values: ReadonlyArray<number | undefined>) => ({ step }: { readonly step: number }) =>
  values[step - 1]

layer(Layer.mergeAll(Backend.layerWasm, NodeServices.layer))("Checkpoint.every", (it) => {
  const model = Checkpoint.fileName
  const saved = (
    n: number,
    through: <A extends { readonly step: number }, E, R>(self: Stream.Stream<A, E, R>) => Stream.Stream<A, E, R>
  ) =>
    test(({ folder, steps, trainer, written }) =>
      Effect.gen(function*() {
        const exit = yield* batches.pipe(
          trainer.run,
          Checkpoint.every(n, { folder, trainer }),
          through,
          Stream.runDrain,
          Effect.exit
        )
        return { exit, saves: written.length, step: (yield* steps)[model] }
      })
    )

  it.effect("saves every n-th step and the last, and no step twice", () =>
    Effect.gen(function*() {
      const run = (n: number, taken: number) =>
        test(({ folder, steps, trainer, written }) =>
          Effect.gen(function*() {
            yield* Stream.take(batches, taken).pipe(
              trainer.run,
              Checkpoint.every(n, { folder, trainer }),
              Stream.runDrain
            )
            return { saves: written.length, step: (yield* steps)[model] }
          })
        )
      assert.deepStrictEqual(yield* run(3, 7), { saves: 3, step: 7 })
      assert.deepStrictEqual(yield* run(3, 6), { saves: 2, step: 6 })
      assert.deepStrictEqual(yield* run(10, 4), { saves: 1, step: 4 })
      assert.deepStrictEqual(yield* run(10, 0), { saves: 0, step: undefined })
    }))

  it.effect("saves the last step of a stream that is stopped by who takes from it", () =>
    Effect.gen(function*() {
      const { exit, saves, step } = yield* saved(3, Stream.take(5))
      assert.isTrue(Exit.isSuccess(exit))
      assert.deepStrictEqual([saves, step], [2, 5])
    }))

  it.effect("saves the last step of a stream that is interrupted", () =>
    test(({ folder, steps, trainer }) =>
      Effect.gen(function*() {
        const reached = yield* Deferred.make<void>()
        const fiber = yield* batches.pipe(
          trainer.run,
          Checkpoint.every(3, { folder, trainer }),
          Stream.tap(({ step }) =>
            step === 4 ? Effect.andThen(Deferred.succeed(reached, undefined), Effect.never) : Effect.void
          ),
          Stream.runDrain,
          Effect.forkChild
        )
        yield* Deferred.await(reached)
        yield* Fiber.interrupt(fiber)
        assert.strictEqual((yield* steps)[model], 4)
      })
    ))

  it.effect("leaves the file as it is when the training or who takes from it fails", () =>
    Effect.gen(function*() {
      const failing = yield* saved(3, Stream.tap(({ step }) => step === 5 ? Effect.fail("no" as never) : Effect.void))
      assert.isTrue(Exit.isFailure(failing.exit))
      assert.deepStrictEqual([failing.saves, failing.step], [1, 3])
      yield* test(({ folder, steps, trainer }) =>
        Effect.gen(function*() {
          const nan = { ...batch(0), x: { ...batch(0).x, data: new Float32Array(16 * 64).fill(NaN) } }
          const error = yield* Stream.take(batches, 4).pipe(
            Stream.concat(Stream.make(nan)),
            trainer.run,
            Checkpoint.every(3, { folder, trainer }),
            Stream.runDrain,
            Effect.flip
          )
          assert.strictEqual(error._tag, "NonFiniteError")
          assert.strictEqual((yield* steps)[model], 3)
        })
      )
    }))

  it.effect("goes on counting where a training goes on, and saves nothing where no step was taken", () =>
    test(({ folder, steps, trainer, written }) =>
      Effect.gen(function*() {
        yield* Stream.take(batches, 5).pipe(trainer.run, Checkpoint.every(4, { folder, trainer }), Stream.runDrain)
        assert.strictEqual(written.length, 2)
        const again = yield* Train.make(Checkpoint.resume(folder, init), step)
        const go = (taken: number) =>
          Stream.take(batches, taken).pipe(again.run, Checkpoint.every(4, { folder, trainer: again }), Stream.runDrain)
        yield* go(0)
        assert.strictEqual(written.length, 2)
        yield* go(3)
        assert.deepStrictEqual([written.length, (yield* steps)[model]], [3, 8])
      })
    ))

  it.effect("behind an operator that leaves steps out saves at the first past a multiple", () =>
    test(({ folder, trainer, written }) =>
      Effect.gen(function*() {
        const counts: Array<number> = []
        yield* Stream.take(batches, 8).pipe(
          Stream.map((batch) => ({ ...batch, epoch: 0, endOfEpoch: false })),
          trainer.run,
          Stream.filter(({ step }) => step % 3 === 0),
          Checkpoint.every(4, { folder, trainer }),
          Stream.tap(() => Effect.sync(() => counts.push(written.length))),
          Stream.runDrain
        )
        assert.deepStrictEqual([counts, written.length], [[0, 1], 2])
      })
    ))

  it.effect("saves one step's weights while steps are taken, with a trainer that reads several together", () =>
    test(({ folder }) =>
      Effect.gen(function*() {
        const trainer = yield* Train.make(init, step, { readEvery: 4 })
        const exact = yield* make
        yield* Stream.take(batches, 10).pipe(
          trainer.run,
          Stream.buffer({ capacity: 16 }),
          Checkpoint.every(3, { folder, trainer }),
          Stream.runDrain
        )
        yield* Stream.take(batches, 10).pipe(exact.run, Stream.runDrain)
        const loaded = yield* Checkpoint.loadScoped(`${folder}/${model}`, exact)
        assert.strictEqual(loaded.step, 10)
        const values = (tree: Tree.Tree) => Tree.leaves(tree).map((x) => Array.from(x.dataSync()))
        assert.deepStrictEqual(values(loaded), values(yield* exact.state))
      })
    ))

  it.effect("can be called with its stream first; refuses another n", () =>
    test(({ folder, steps, trainer }) =>
      Effect.gen(function*() {
        yield* Stream.runDrain(Checkpoint.every(trainer.run(Stream.take(batches, 2)), 5, { folder, trainer }))
        assert.strictEqual((yield* steps)[model], 2)
        for (const n of [0, -1, 1.5, NaN, Infinity]) {
          assert.throws(
            () => Checkpoint.every(n, { folder, trainer }),
            RangeError,
            /Checkpoint\.every: n is a positive integer/
          )
        }
      })
    ))
})

layer(Layer.mergeAll(Backend.layerWasm, NodeServices.layer))("Checkpoint.best", (it) => {
  const file = Checkpoint.bestFileName

  it.effect("saves what is better than all before, by the least or the greatest value; others are no values", () =>
    Effect.gen(function*() {
      const values = [undefined, 3, 4, NaN, 2, -Infinity, 2, undefined, 9]
      const run = (mode?: "min" | "max") =>
        test(({ folder, trainer, written }) =>
          Effect.gen(function*() {
            yield* Stream.take(batches, values.length).pipe(
              trainer.run,
              Checkpoint.best({ folder, trainer, monitor: monitorOf(values), ...(mode && { mode }) }),
              Stream.runDrain
            )
            const [{ path: _, ...found }] = (yield* Checkpoint.list(folder)) as [Checkpoint.Saved]
            return { ...found, saves: written.length }
          })
        )
      assert.deepStrictEqual(yield* run(), { step: 5, value: 2, saves: 2 })
      assert.deepStrictEqual(yield* run("max"), { step: 9, value: 9, saves: 3 })
    }))

  it.effect("has the least value in its file, also of elements of one state", () =>
    test(({ folder }) =>
      Effect.gen(function*() {
        const trainer = yield* Train.make(init, step, { readEvery: 4 })
        yield* Stream.take(batches, 8).pipe(
          trainer.run,
          Checkpoint.best({ folder, trainer, monitor: monitorOf([3, 1, 2, 4, 2, 5, 6, 7]) }),
          Stream.runDrain
        )
        const [{ step: at, value }] = (yield* Checkpoint.list(folder)) as [Checkpoint.Saved]
        assert.deepStrictEqual([at, value], [4, 1])
      })
    ))

  it.effect("knows the best one of before where a training goes on, and refuses that of a later step", () =>
    test(({ folder, steps, trainer }) =>
      Effect.gen(function*() {
        const go = (t: typeof trainer, values: ReadonlyArray<number>) =>
          Stream.take(batches, values.length).pipe(
            t.run,
            Checkpoint.every(1, { folder, trainer: t }),
            Checkpoint.best({ folder, trainer: t, monitor: ({ step }) => values[(step - 1) % values.length] }),
            Stream.runDrain
          )
        yield* go(trainer, [5, 1, 4])
        assert.strictEqual((yield* steps)[file], 2)
        const again = yield* Train.make(Checkpoint.resume(folder, init), step)
        yield* go(again, [3, 2, 1])
        assert.strictEqual((yield* steps)[file], 2)
        yield* go(again, [3, 2, 0.5])
        assert.strictEqual((yield* steps)[file], 9)
        const other = yield* make
        const error = yield* Effect.flip(go(other, [0.1]))
        assert.match(error.message, /begins at step 0, found .*best\.safetensors of step 9: go on from it/)
        assert.deepStrictEqual([(yield* other.state).step, (yield* steps)[file]], [0, 9])
      })
    ))
})

layer(Layer.mergeAll(Backend.layerWasm, NodeServices.layer))("Checkpoint.keep", (it) => {
  const name = (step: number) => `step-${String(step).padStart(6, "0")}.safetensors`
  const values = [undefined, 3, undefined, 9, undefined, 1, undefined, 8, undefined, 7, undefined, 6]

  it.effect("keeps the latest and the best, and knows them where a training goes on", () =>
    test(({ folder, trainer, written }) =>
      Effect.gen(function*() {
        const names = Effect.map(Checkpoint.list(folder), (saved) => saved.map(({ step }) => step))
        const go = (t: typeof trainer, taken: number) =>
          Stream.take(batches, taken).pipe(
            t.run,
            Checkpoint.keep({ folder, trainer: t, every: 5, latest: 2, best: 2, monitor: monitorOf(values) }),
            Stream.runDrain
          )
        yield* go(trainer, 7)
        // 2 and 4 were the best, then 2 and 6; 5 and 7 are of every fifth and of the end.
        assert.deepStrictEqual(yield* names, [7, 6, 2])
        assert.deepStrictEqual(written, [2, 4, 5, 6, 7].map(name))
        yield* go(yield* Train.make(Checkpoint.resume(folder, init), step), 5)
        assert.deepStrictEqual(yield* names, [12, 10, 6, 2])
        assert.deepStrictEqual(written.slice(5), [10, 12].map(name))
      })
    ))

  it.effect("deletes and overwrites only what the library has written", () =>
    test(({ folder, trainer }) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const others = {
          "film.mkv": "a film",
          "step-000001.safetensors.bak": "a copy",
          "step-1.safetensors": "not a name of ours",
          "my-step-000001.safetensors": "neither"
        }
        yield* Effect.forEach(Object.entries(others), ([name, text]) => fs.writeFileString(`${folder}/${name}`, text))
        const foreign = Safetensors.encode({ w: { data: new Float32Array(1), shape: [1] } })
        yield* fs.writeFile(`${folder}/${name(6)}`, foreign)
        const error = yield* Stream.take(batches, 8).pipe(
          trainer.run,
          Checkpoint.keep({ folder, trainer, every: 2, latest: 1 }),
          Stream.runDrain,
          Effect.flip
        )
        assert.strictEqual(
          error.message,
          `${folder}/${name(6)}: is in the way: it is no checkpoint that effect-neuron has written`
        )
        assert.deepStrictEqual(
          [...yield* fs.readDirectory(folder)].sort(),
          [...Object.keys(others), name(4), name(6)].sort()
        )
        assert.deepStrictEqual(new Uint8Array(yield* fs.readFile(`${folder}/${name(6)}`)), foreign)
      })
    ))

  it.effect("refuses checkpoints of later steps than a training begins at", () =>
    test(({ folder, steps, trainer }) =>
      Effect.gen(function*() {
        const go = (t: typeof trainer, taken: number) =>
          Stream.take(batches, taken).pipe(
            t.run,
            Checkpoint.keep({ folder, trainer: t, every: 2, latest: 2 }),
            Stream.runDrain
          )
        yield* go(trainer, 6)
        const other = yield* make
        const error = yield* Effect.flip(go(other, 1))
        assert.match(error.message, /begins at step 0, found .*step-000006\.safetensors of step 6: go on from it/)
        assert.strictEqual((yield* other.state).step, 0)
        const back = yield* Train.make(Checkpoint.load(`${folder}/${name(4)}`, init), step)
        const abandoned = yield* Effect.flip(go(back, 1))
        assert.match(abandoned.message, /begins at step 4, found .*step-000006\.safetensors of step 6: go on from it/)
        assert.deepStrictEqual([(yield* back.state).step, Object.values(yield* steps)], [4, [6, 4]])
      })
    ))

  it.effect("refuses wrong settings at once", () =>
    test(({ folder, trainer }) =>
      Effect.sync(() => {
        const at = (options: object) => () => Checkpoint.keep({ folder, trainer, every: 1, latest: 1, ...options })
        assert.throws(at({ every: 0 }), RangeError, /every is a positive integer/)
        assert.throws(at({ latest: 0 }), RangeError, /latest is a positive integer/)
        assert.throws(at({ best: -1 }), RangeError, /best is an integer of at least 0/)
        assert.throws(at({ best: 1 }), RangeError, /monitor is what tells the best/)
        assert.throws(at({ mode: "maximum" }), RangeError, /^Checkpoint\.keep: mode is "min" or "max", got "maximum"/)
        assert.throws(
          () => Checkpoint.best({ folder, trainer, monitor: () => 1, mode: "maximum" as "max" }),
          RangeError,
          /^Checkpoint\.best: mode is "min" or "max", got "maximum"/
        )
      })
    ))

  it.effect("judges by a validation, which not every step has, and the best file has the figures that it was judged by", () =>
    test(({ folder, trainer, written }) =>
      Effect.gen(function*() {
        const unseen = Stream.make(batch(90), batch(91))
        const validated = yield* Stream.take(batches, 10).pipe(
          trainer.run,
          Train.validating({ ...supervision, trainer, batches: unseen, every: 3 }),
          Checkpoint.best({ folder, trainer, monitor: ({ validation }) => validation?.accuracy, mode: "max" }),
          Checkpoint.keep({
            folder,
            trainer,
            every: 100,
            latest: 1,
            best: 2,
            monitor: ({ validation }) => validation?.loss
          }),
          Stream.filter(({ validation }) => validation !== undefined),
          Stream.runCollect
        )
        assert.deepStrictEqual(validated.map(({ step }) => step), [3, 6, 9])
        const [first, ...rest] = (yield* Checkpoint.list(folder)).filter(({ path }) =>
          !path.endsWith("best.safetensors")
        )
        assert.deepStrictEqual([first!.step, first!.value], [10, undefined])
        const losses = validated.map(({ validation }) => validation!.loss).sort((a, b) => a - b)
        assert.deepStrictEqual(rest.map(({ value }) => value!).sort((a, b) => a - b), losses.slice(0, 2))
        for (const { path, value } of rest) {
          const weights = yield* Checkpoint.loadScoped(path, trainer)
          assert.strictEqual((yield* Train.evaluate(unseen, supervision, weights)).loss, value)
        }
        assert.includeMembers(written as Array<string>, [name(3), name(10), Checkpoint.bestFileName])
      })
    ))

  it.effect("goes on from model.safetensors at equal steps, then from step-*, then from best.safetensors", () =>
    test(({ folder, trainer }) =>
      Effect.gen(function*() {
        yield* Stream.take(batches, 2).pipe(
          trainer.run,
          Checkpoint.best({ folder, trainer, monitor: () => 1 }),
          Checkpoint.keep({ folder, trainer, every: 1, latest: 2 }),
          Stream.runDrain
        )
        const fs = yield* FileSystem.FileSystem
        const names = Effect.map(Checkpoint.list(folder), (saved) => saved.map(({ path }) => path.split("/").at(-1)))
        for (const other of [Checkpoint.bestFileName, Checkpoint.fileName]) {
          yield* fs.copyFile(`${folder}/${name(2)}`, `${folder}/${other}`)
        }
        assert.deepStrictEqual(yield* names, [Checkpoint.fileName, name(2), Checkpoint.bestFileName, name(1)])
      })
    ))

  it.effect("composes with every and best, of epochs too", () =>
    test(({ folder, steps, trainer }) =>
      Effect.gen(function*() {
        const monitor = ({ loss }: { readonly step: number; readonly loss: number }) => loss
        const before = tf.memory().numTensors
        yield* Stream.take(batches, 7).pipe(
          Stream.map((batch) => ({ ...batch, epoch: 0, endOfEpoch: false })),
          Stream.zipWithIndex,
          Stream.map(([batch, i]) => ({ ...batch, epoch: Math.floor(i / 3), endOfEpoch: i % 3 === 2 })),
          trainer.run,
          Checkpoint.every(100, { folder, trainer }),
          Metrics.perEpoch(),
          Checkpoint.best({ folder, trainer, monitor }),
          Checkpoint.keep({ folder, trainer, every: 1, latest: 9, best: 1, monitor }),
          Stream.runDrain
        )
        const { [Checkpoint.bestFileName]: best, ...others } = yield* steps
        assert.deepStrictEqual(others, { "model.safetensors": 7, [name(7)]: 7, [name(6)]: 6, [name(3)]: 3 })
        assert.include([3, 6, 7], best)
        assert.strictEqual(tf.memory().numTensors, before)
      })
    ))
})
