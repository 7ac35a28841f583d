import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Exit, Fiber, FileSystem, Layer, Path, pipe, Stream } from "effect"
import { Backend, Checkpoint, Key, Layers, Losses, Optimizers, Safetensors, Train, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { withFiles } from "../../support/files.ts"

const modelOf = (filters: number, units: number) =>
  Layers.named({
    conv1: Layers.conv2d({ filters, kernelSize: 3 }),
    norm1: Layers.batchNorm(),
    flat: Layers.flatten,
    head: Layers.dense(units)
  })

const init = (filters = 2, units = 3, optimizer = Optimizers.sgd(0.1)) =>
  Train.init({ model: modelOf(filters, units), optimizer, input: [4, 4, 1], key: Key.make(1) })

const folderOf = (file: string) => file.slice(0, file.lastIndexOf("/"))

const scoped = <A, E, R>(initial: Effect.Effect<A & Tree.Tree, E, R>) =>
  Effect.acquireRelease(initial, (tree) => Effect.sync(() => Tree.disposeExcept(tree)))

layer(Layer.mergeAll(Backend.layerWasm, NodeServices.layer))("Checkpoint", (it) => {
  const test = <A, E, R>(use: (file: string, fs: FileSystem.FileSystem) => Effect.Effect<A, E, R>) =>
    Effect.scoped(Effect.gen(function*() {
      const fs = yield* FileSystem.FileSystem
      return yield* use((yield* Path.Path).join(yield* fs.makeTempDirectoryScoped(), "model.safetensors"), fs)
    })).pipe(leavesNoTensor)

  it.effect("is a safetensors file with the state by path, the numbers, the versions and the caller's metadata", () =>
    test((file, fs) =>
      Effect.gen(function*() {
        const state = yield* scoped(init())
        yield* Checkpoint.save(state, file, { metadata: { model: "small" } })
        const { metadata, tensors } = yield* Effect.fromResult(Safetensors.decode(yield* fs.readFile(file), file))
        assert.deepStrictEqual(Object.keys(tensors).sort(), [
          "params.conv1.bias",
          "params.conv1.kernel",
          "params.head.bias",
          "params.head.kernel",
          "params.norm1.offset",
          "params.norm1.scale",
          "state.norm1.mean",
          "state.norm1.variance"
        ])
        assert.deepStrictEqual(tensors["params.conv1.kernel"]!.data, state.params.conv1.kernel.dataSync())
        assert.strictEqual(metadata["model"], "small")
        assert.strictEqual(metadata["format"], "effect-neuron")
        assert.strictEqual(metadata["tfjs-core"], tf.version_core)
        assert.deepStrictEqual(JSON.parse(metadata["numbers"]!), { ...Tree.numbers(state) })
        assert.deepStrictEqual(yield* Checkpoint.metadata(file), metadata)
      })
    ))

  it.effect("keeps the element type of every tensor", () =>
    test((file) =>
      Effect.gen(function*() {
        const make = (n: number) =>
          Effect.sync(() => ({ f: tf.tensor1d([n]), i: tf.tensor1d([n], "int32"), b: tf.tensor1d([n > 0], "bool") }))
        yield* Checkpoint.save(yield* scoped(make(1)), file)
        const loaded = yield* scoped(Checkpoint.load(file, make(0)))
        assert.deepStrictEqual(Object.values(loaded).map(({ dtype }) => dtype), ["float32", "int32", "bool"])
        assert.deepStrictEqual(Object.values(loaded).map((x) => x.dataSync()[0]), [1, 1, 1])
      })
    ))

  it.effect("of another model is refused, with every leaf that does not fit", () =>
    test((file) =>
      Effect.gen(function*() {
        yield* Checkpoint.save(yield* scoped(init(4, 3, Optimizers.adam(0.1))), file)
        const error = yield* Effect.flip(Checkpoint.load(file, init(2, 3)))
        assert.strictEqual(error._tag, "CheckpointError")
        const reasons = error._tag === "CheckpointError" ? error.reasons : []
        assert.includeMembers([...reasons], [
          "params.conv1.kernel expects float32 [3, 3, 1, 2], got float32 [3, 3, 1, 4]",
          "params.conv1.bias expects float32 [2], got float32 [4]",
          "params.head.kernel expects float32 [32, 3], got float32 [64, 3]"
        ])
        assert.isTrue(reasons.some((reason) => /^opt\..* is in the file but not expected$/.test(reason)))
        assert.isFalse(reasons.some((reason) => reason.startsWith("params.head.bias")))
        assert.isFalse(error.message.includes("\n"))
      })
    ))

  it.effect("names what is missing", () =>
    test((file) =>
      Effect.gen(function*() {
        yield* Checkpoint.save({ params: yield* scoped(Effect.sync(() => ({ a: tf.zeros([2]) }))) }, file)
        const like = Effect.sync(() => ({ step: 0, params: { a: tf.zeros([2]), constructor: tf.zeros([1]) } }))
        const error = yield* Effect.flip(Checkpoint.load(file, like))
        assert.strictEqual(
          error.message,
          `${file}: params.constructor expects float32 [1], the file has none; step expects a number, the file has none`
        )
      })
    ))

  it.effect("gives a part of what it holds with subset", () =>
    test((file) =>
      Effect.gen(function*() {
        const state = yield* scoped(init())
        yield* Checkpoint.save(state, file)
        const like = Effect.map(init(), ({ params, state }) => ({ params, state }))
        const { params } = yield* scoped(Checkpoint.load(file, like, { subset: true }))
        assert.deepStrictEqual(params.head.kernel.dataSync(), state.params.head.kernel.dataSync())
        assert.strictEqual((yield* Effect.flip(Checkpoint.load(file, like)))._tag, "CheckpointError")
      })
    ))

  it.effect("leaves nothing of what it was compared with: its parts, what else was made, what a failure leaves", () =>
    test((file) =>
      Effect.gen(function*() {
        yield* Checkpoint.save(yield* scoped(init()), file)
        const before = tf.memory().numTensors
        const more = Backend.tensors("more", () => tf.ones([3]))
        const likes = [
          Effect.map(init(), ({ params, state }) => ({ params, state })),
          Effect.andThen(more, Effect.map(init(), ({ params, state }) => ({ params, state }))),
          Effect.map(Effect.zipWith(init(), init(), (_, second) => second), ({ params, state }) => ({ params, state })),
          Effect.flatMap(
            Effect.forkChild(init()),
            (fiber) => Effect.map(Fiber.join(fiber), ({ params, state }) => ({ params, state }))
          )
        ]
        for (const like of likes) {
          for (let i = 0; i < 3; i++) {
            const loaded = yield* Checkpoint.load(file, like, { subset: true })
            assert.strictEqual(tf.memory().numTensors, before + Tree.leaves(loaded).length)
            Tree.disposeExcept(loaded)
          }
        }
        const refused = Effect.map(init(5), ({ params }) => ({ head: params.head }))
        assert.strictEqual((yield* Effect.flip(Checkpoint.load(file, refused)))._tag, "CheckpointError")
        const failing = Effect.andThen(init(), Effect.fail("no"))
        assert.strictEqual(yield* Effect.flip(Checkpoint.load(file, failing)), "no")
        const dying = Effect.map(init(), () => {
          throw new Error("no")
        })
        assert.isTrue(Exit.isFailure(yield* Effect.exit(Checkpoint.load(file, dying))))
        const stopped = Effect.andThen(init(), Effect.interrupt)
        assert.isTrue(Exit.isFailure(yield* Effect.exit(Checkpoint.load(file, stopped))))
        assert.strictEqual(tf.memory().numTensors, before)
      })
    ))

  it.effect("leaves alone what was there before: a trainer, its state, tensors of one's own", () =>
    test((file) =>
      Effect.gen(function*() {
        const state = yield* scoped(init())
        yield* Checkpoint.save(state, file)
        const trainer = yield* Train.make(
          init(),
          Train.supervised({
            model: modelOf(2, 3),
            optimizer: Optimizers.sgd(0.1),
            loss: Losses.softmaxCrossEntropy
          })
        )
        const likes = [
          trainer,
          trainer.state,
          Effect.succeed(state),
          Backend.tensors("mine", () => Tree.map(state, (x) => x)),
          Effect.andThen(init(), trainer.state)
        ]
        for (const like of likes) {
          const { params } = yield* scoped(Checkpoint.load(file, like))
          assert.deepStrictEqual(params.head.kernel.dataSync(), state.params.head.kernel.dataSync())
          assert.isTrue(Tree.leaves(yield* trainer.state).every(({ isDisposed }) => !isDisposed))
          assert.isTrue(Tree.leaves(state).every(({ isDisposed }) => !isDisposed))
        }
      })
    ))

  it.effect("lives as long as a Scope with loadScoped", () =>
    test((file) =>
      Effect.gen(function*() {
        yield* Checkpoint.save(yield* scoped(init()), file)
        const before = tf.memory().numTensors
        const weights = yield* Effect.scoped(Effect.gen(function*() {
          const loaded = yield* Checkpoint.loadScoped(file, init())
          assert.isTrue(Tree.leaves(loaded).every(({ isDisposed }) => !isDisposed))
          return loaded
        }))
        assert.isTrue(Tree.leaves(weights).every(({ isDisposed }) => isDisposed))
        assert.strictEqual(tf.memory().numTensors, before)
      })
    ))

  it.effect("is saved, encoded and decoded with its subject first or last, of a tree or a trainer", () =>
    test((file, fs) =>
      Effect.gen(function*() {
        const state = yield* scoped(init())
        yield* pipe(state, Checkpoint.save(file, { metadata: { a: "b" } }))
        const first = new Uint8Array(yield* fs.readFile(file))
        yield* Checkpoint.save(state, file, { metadata: { a: "b" } })
        assert.deepStrictEqual(new Uint8Array(yield* fs.readFile(file)), first)
        assert.deepStrictEqual(yield* Checkpoint.encode(state, { metadata: { a: "b" } }), first)
        const trainer = yield* Train.make(Effect.succeed(state), () => Effect.die("no step"))
        assert.deepStrictEqual(yield* Checkpoint.encode(trainer, { metadata: { a: "b" } }), first)
        assert.deepStrictEqual(yield* trainer.use(Checkpoint.encode), yield* Checkpoint.encode(state))
        const decoded = yield* scoped(pipe(first, Checkpoint.decode(trainer)))
        assert.deepStrictEqual(decoded.params.head.kernel.dataSync(), state.params.head.kernel.dataSync())
        const error = yield* Effect.flip(Checkpoint.decode(first.subarray(0, 3), trainer, { name: "mine" }))
        assert.match(error.message, /^mine: expected /)
      })
    ))

  it.effect("is the newest of a folder, or the file that is named, or the beginning, to resume from", () =>
    test((file, fs) =>
      Effect.gen(function*() {
        const folder = file.slice(0, -"/model.safetensors".length)
        const at = (step: number) => Effect.map(init(), (state) => ({ ...state, step }))
        const stepOf = (path: string) =>
          Effect.scoped(Effect.map(scoped(Checkpoint.resume(path, init())), ({ step }) => step))
        assert.strictEqual(yield* stepOf(`${folder}/none/yet`), 0)
        assert.strictEqual(yield* stepOf(folder), 0)
        assert.strictEqual(yield* stepOf(file), 0)
        const names = {
          "model.safetensors": 7,
          "step-000009.safetensors": 9,
          "best.safetensors": 3,
          "other.safetensors": 20
        }
        for (const [name, step] of Object.entries(names)) {
          yield* Checkpoint.save(yield* scoped(at(step)), `${folder}/${name}`)
        }
        assert.strictEqual(yield* stepOf(folder), 9)
        assert.strictEqual(yield* stepOf(`${folder}/`), 9)
        assert.strictEqual(yield* stepOf(file), 7)
        assert.strictEqual(yield* stepOf(`${folder}/other.safetensors`), 20)
        yield* fs.writeFileString(`${folder}/step-000011.safetensors`, "broken, and no new beginning")
        assert.match((yield* Effect.flip(stepOf(folder))).message, /step-000011\.safetensors: expected /)
        const other = Train.init({
          model: modelOf(2, 9),
          optimizer: Optimizers.sgd(0.1),
          input: [4, 4, 1],
          key: Key.make(1)
        })
        assert.match((yield* Effect.flip(Checkpoint.resume(file, other))).message, /params\.head\.kernel expects/)
      })
    ))

  it.effect("with a value that is not finite is not written, and the one before it stays", () =>
    test((file, fs) =>
      Effect.gen(function*() {
        yield* Checkpoint.save({ step: 1, params: yield* scoped(Effect.sync(() => ({ w: tf.zeros([2]) }))) }, file)
        const before = yield* fs.readFile(file)
        const bad = yield* scoped(Effect.sync(() => ({ w: tf.tensor1d([1, NaN]) })))
        const error = yield* Effect.flip(Checkpoint.save({ step: 2, params: bad }, file))
        assert.strictEqual(
          error.message,
          `${file}: params.w holds a value that is not finite; nothing was written`
        )
        assert.deepStrictEqual(yield* fs.readFile(file), before)
      })
    ))

  it.effect("that cannot be written or read says so in one line, and leaves no partial file", () =>
    test((file, fs) =>
      Effect.gen(function*() {
        assert.strictEqual(
          (yield* Effect.flip(Checkpoint.load(file, init()))).message,
          `${file}: cannot be read: no such file`
        )
        yield* fs.makeDirectory(file)
        yield* fs.writeFileString(`${file}/in the way`, "")
        assert.match((yield* Effect.flip(Checkpoint.save({ step: 1 }, file))).message, /: cannot be written: /)
        assert.deepStrictEqual(yield* fs.readDirectory(`${file}/..`), ["model.safetensors"])
      })
    ))

  it.effect("says what it is without its data being read", () =>
    test((file, fs) =>
      Effect.gen(function*() {
        const metadata = { note: "x".repeat(200_000) }
        const state = yield* scoped(Backend.tensors("large", () => ({ step: 3, w: tf.zeros([300_000]) })))
        yield* Checkpoint.save(state, file, { metadata })
        let bytes = 0
        const counted = withFiles((files) => ({
          readFile: () => Effect.die("the whole file was read"),
          stream: (path, options) =>
            Stream.tap(files.stream(path, options), ({ length }) => Effect.sync(() => bytes += length))
        }))
        assert.deepStrictEqual(yield* counted(Checkpoint.list(folderOf(file))), [{ path: file, step: 3 }])
        assert.isAbove(bytes, 200_000)
        assert.isBelow(bytes, 300_000)
        assert.strictEqual((yield* counted(Checkpoint.metadata(file))).note, metadata.note)

        // Files that come as a whole, and whose size nobody knows, as those of IndexedDB; or byte by byte.
        const whole = yield* fs.readFile(file)
        for (
          const stream of [
            Stream.make(whole),
            Stream.fromIterable(Array.from(whole.subarray(0, 210_000), (byte) => Uint8Array.of(byte)))
          ]
        ) {
          const others = withFiles((files) => ({ stream: () => stream, stat: () => files.stat("nothing") }))
          assert.strictEqual((yield* others(Checkpoint.metadata(file))).note, metadata.note)
        }
      })
    ))

  it.effect("that is cut short or foreign is refused, wherever the cut is", () =>
    test((file, fs) =>
      Effect.gen(function*() {
        yield* Checkpoint.save(yield* scoped(init()), file)
        const whole = yield* fs.readFile(file)
        for (const length of [0, 7, 8, 100, whole.length - 1]) {
          yield* fs.writeFile(file, whole.subarray(0, length))
          const { _tag, message } = yield* Effect.flip(Checkpoint.load(file, init()))
          assert.strictEqual(_tag, "CheckpointError", `${length}`)
          assert.match(message, /: expected .*, found /)
          assert.strictEqual((yield* Effect.flip(Checkpoint.metadata(file))).message, message)
          assert.strictEqual((yield* Effect.flip(Checkpoint.list(folderOf(file)))).message, message)
        }
        yield* fs.writeFileString(file, "not a checkpoint, but long enough to look like one")
        assert.match((yield* Effect.flip(Checkpoint.load(file, init()))).message, /: expected .*, found /)
      })
    ))
})
