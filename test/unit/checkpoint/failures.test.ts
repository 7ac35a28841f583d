import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Deferred, Effect, Exit, Fiber, FileSystem, Layer, PlatformError, Stream } from "effect"
import { Backend, Checkpoint, Train, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { inTempFolder, withFiles } from "../../support/files.ts"
import { batches, init, step } from "../../support/training.ts"

const full = PlatformError.systemError({
  _tag: "Unknown",
  module: "FileSystem",
  method: "write",
  pathOrDescriptor: "a file",
  cause: new Error("ENOSPC: no space left on device, write")
})

/** Files on a disk that is full when `isFull` says so: the first half of what is written still gets there. */
const fullDisk = (isFull: () => boolean) =>
  withFiles((files) => ({
    open: (path, options) =>
      Effect.map(files.open(path, options), (file): FileSystem.File => ({
        ...file,
        [FileSystem.FileTypeId]: FileSystem.FileTypeId,
        sync: file.sync,
        writeAll: (bytes) =>
          isFull()
            ? Effect.andThen(file.writeAll(bytes.subarray(0, bytes.length / 2)), Effect.fail(full))
            : file.writeAll(bytes)
      }))
  }))

const file = (folder: string) => `${folder}/${Checkpoint.fileName}`

const stepIn = (folder: string) => Effect.map(Checkpoint.list(folder), (saved) => saved.map(({ step }) => step))

layer(Layer.mergeAll(Backend.layerWasm, NodeServices.layer))("A checkpoint", (it) => {
  it.effect("stays as it was when the disk is full, and the training fails with the reason", () =>
    inTempFolder((folder) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const trainer = yield* Train.make(init, step)
        let taken = 0
        const error = yield* batches.pipe(
          trainer.run,
          Stream.tap(({ step }) => Effect.sync(() => taken = step)),
          Checkpoint.every(2, { folder, trainer }),
          Stream.runDrain,
          fullDisk(() => taken >= 4),
          Effect.flip
        )
        assert.strictEqual(
          error.message,
          `${file(folder)}: cannot be written: ENOSPC: no space left on device, write`
        )
        assert.deepStrictEqual(yield* stepIn(folder), [2])
        assert.deepStrictEqual(yield* fs.readDirectory(folder), [Checkpoint.fileName])
        // There is room again: the same trainer goes on.
        yield* Stream.take(batches, 1).pipe(trainer.run, Checkpoint.every(2, { folder, trainer }), Stream.runDrain)
        assert.deepStrictEqual(yield* stepIn(folder), [5])
      })
    ).pipe(leavesNoTensor))

  it.effect("that cannot be saved at a stop is a defect with the reason", () =>
    inTempFolder((folder) =>
      Effect.gen(function*() {
        const trainer = yield* Train.make(init, step)
        const exit = yield* batches.pipe(
          trainer.run,
          Checkpoint.every(5, { folder, trainer }),
          Stream.take(2),
          Stream.runDrain,
          fullDisk(() => true),
          Effect.exit
        )
        assert.isTrue(Exit.hasDies(exit))
        assert.match(String(Exit.isFailure(exit) && exit.cause), /ENOSPC/)
      })
    ).pipe(leavesNoTensor))

  it.effect("is what it was after a crash between its writing and its place, and the next run begins there", () =>
    inTempFolder((folder) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const train = (taken: number) =>
          Effect.scoped(Effect.gen(function*() {
            const trainer = yield* Train.make(Checkpoint.resume(folder, init), step)
            yield* Stream.take(batches, taken).pipe(
              trainer.run,
              Checkpoint.every(1, { folder, trainer }),
              Checkpoint.keep({ folder, trainer, every: 1, latest: 2 }),
              Stream.runDrain
            )
          }))
        yield* train(2)
        // A crash: what is written is written, and nothing more happens.
        const crash = withFiles(() => ({ rename: () => Effect.die("crash"), remove: () => Effect.void }))
        assert.isTrue(Exit.hasDies(yield* Effect.exit(crash(train(1)))))
        const names = yield* fs.readDirectory(folder)
        assert.lengthOf(names.filter((name) => name.endsWith(".partial")), 1)
        assert.deepStrictEqual(yield* stepIn(folder), [2, 2, 1])
        const film = `film.mkv.${crypto.randomUUID()}.partial`
        yield* fs.writeFileString(`${folder}/${film}`, "not of this library")
        yield* train(1)
        assert.deepStrictEqual(yield* stepIn(folder), [3, 3, 2])
        assert.deepStrictEqual((yield* fs.readDirectory(folder)).filter((name) => name.endsWith(".partial")), [film])
      })
    ).pipe(leavesNoTensor))

  it.effect("whose saving is interrupted is whole", () =>
    inTempFolder((folder) =>
      Effect.gen(function*() {
        const trainer = yield* Train.make(init, step)
        const renaming = yield* Deferred.make<void>(), go = yield* Deferred.make<void>()
        let saves = 0
        const fiber = yield* batches.pipe(
          trainer.run,
          Checkpoint.every(3, { folder, trainer }),
          Stream.runDrain,
          withFiles((files) => ({
            rename: (from, to) =>
              Effect.gen(function*() {
                saves += 1
                yield* Deferred.succeed(renaming, undefined)
                yield* Deferred.await(go)
                yield* files.rename(from, to)
              })
          })),
          Effect.forkChild
        )
        yield* Deferred.await(renaming)
        const interrupted = yield* Effect.forkChild(Fiber.interrupt(fiber))
        yield* Effect.yieldNow
        yield* Deferred.succeed(go, undefined)
        yield* Fiber.join(interrupted)
        assert.deepStrictEqual(yield* stepIn(folder), [3])
        assert.strictEqual(saves, 1)
      })
    ).pipe(leavesNoTensor))

  it.effect("that several save at once is that of one of them, whole", () =>
    inTempFolder((folder) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        const trainers = yield* Effect.forEach([1, 2, 3], (n) =>
          Train.make(Effect.map(init, (state) => ({ ...state, step: n })), step))
        yield* Effect.forEach(trainers, (trainer) =>
          Effect.replicateEffect(Checkpoint.save(trainer, file(folder)), 5), { concurrency: "unbounded" })
        const { step: found } = yield* Checkpoint.loadScoped(file(folder), trainers[0]!)
        assert.include([1, 2, 3], found)
        assert.deepStrictEqual(yield* fs.readDirectory(folder), [Checkpoint.fileName])
      })
    ).pipe(leavesNoTensor))

  it.effect("of a trainer that takes steps meanwhile is that of one step", () =>
    inTempFolder((folder) =>
      Effect.gen(function*() {
        const trainer = yield* Train.make(init, step), exact = yield* Train.make(init, step)
        const saving = Effect.forEach([1, 2, 3, 4, 5, 6], (n) =>
          Effect.andThen(Effect.yieldNow, Checkpoint.save(trainer, `${folder}/${n}.safetensors`)))
        yield* Effect.all([Stream.runDrain(trainer.run(Stream.take(batches, 30))), saving], { concurrency: 2 })
        const values = (tree: Tree.Tree) =>
          Tree.leaves(tree).map((x) => Array.from(x.dataSync()))
        let compared = 0
        const states = new Map([[0, values(yield* exact.state)]])
        yield* batches.pipe(
          Stream.take(30),
          exact.run,
          Stream.runForEach(({ step }) => Effect.map(exact.state, (state) => states.set(step, values(state))))
        )
        for (const n of [1, 2, 3, 4, 5, 6]) {
          const loaded = yield* Checkpoint.loadScoped(`${folder}/${n}.safetensors`, exact)
          assert.deepStrictEqual(values(loaded), states.get(loaded.step))
          compared += 1
        }
        assert.strictEqual(compared, 6)
      })
    ).pipe(leavesNoTensor))

  it.effect("of another library is not overwritten, and the training does not begin", () =>
    inTempFolder((folder) =>
      Effect.gen(function*() {
        const fs = yield* FileSystem.FileSystem
        for (const name of [Checkpoint.fileName, Checkpoint.bestFileName]) {
          yield* fs.writeFileString(`${folder}/${name}`, "weights of somebody else")
        }
        const trainer = yield* Train.make(init, step)
        const operators = [
          Checkpoint.every(1, { folder, trainer }),
          Checkpoint.best({ folder, trainer, monitor: ({ step }: { readonly step: number }) => step })
        ]
        for (const operator of operators) {
          const error = yield* Effect.flip(Stream.runDrain(operator(trainer.run(Stream.take(batches, 2)))))
          assert.match(error.message, /\.safetensors: is in the way: it is no checkpoint that .*; expected .*, found /)
        }
        assert.strictEqual((yield* trainer.state).step, 0)
        assert.strictEqual(yield* fs.readFileString(file(folder)), "weights of somebody else")
      })
    ).pipe(leavesNoTensor))
})
