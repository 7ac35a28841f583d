import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, FileSystem, Layer, Path } from "effect"
import { Backend, Checkpoint, Key, Layers, Optimizers, Safetensors, Train, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"

const modelOf = (filters: number, units: number) =>
  Layers.named({
    conv1: Layers.conv2d({ filters, kernelSize: 3 }),
    norm1: Layers.batchNorm(),
    flat: Layers.flatten,
    head: Layers.dense(units)
  })

const init = (filters = 2, units = 3, optimizer = Optimizers.sgd(0.1)) =>
  Train.init({ model: modelOf(filters, units), optimizer, input: [4, 4, 1], key: Key.make(1) })

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
        yield* Checkpoint.save(file, state, { model: "small" })
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
        yield* Checkpoint.save(file, yield* scoped(make(1)))
        const loaded = yield* scoped(Checkpoint.load(file, make(0)))
        assert.deepStrictEqual(Object.values(loaded).map(({ dtype }) => dtype), ["float32", "int32", "bool"])
        assert.deepStrictEqual(Object.values(loaded).map((x) => x.dataSync()[0]), [1, 1, 1])
      })
    ))

  it.effect("of another model is refused, with every leaf that does not fit", () =>
    test((file) =>
      Effect.gen(function*() {
        yield* Checkpoint.save(file, yield* scoped(init(4, 3, Optimizers.adam(0.1))))
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
        yield* Checkpoint.save(file, { params: yield* scoped(Effect.sync(() => ({ a: tf.zeros([2]) }))) })
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
        yield* Checkpoint.save(file, state)
        const like = Effect.map(init(), ({ params, state }) => ({ params, state }))
        const { params } = yield* scoped(Checkpoint.load(file, like, { subset: true }))
        assert.deepStrictEqual(params.head.kernel.dataSync(), state.params.head.kernel.dataSync())
        assert.strictEqual((yield* Effect.flip(Checkpoint.load(file, like)))._tag, "CheckpointError")
      })
    ))

  it.effect("with a value that is not finite is not written, and the one before it stays", () =>
    test((file, fs) =>
      Effect.gen(function*() {
        yield* Checkpoint.save(file, { step: 1, params: yield* scoped(Effect.sync(() => ({ w: tf.zeros([2]) }))) })
        const before = yield* fs.readFile(file)
        const bad = yield* scoped(Effect.sync(() => ({ w: tf.tensor1d([1, NaN]) })))
        const error = yield* Effect.flip(Checkpoint.save(file, { step: 2, params: bad }))
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
        assert.match((yield* Effect.flip(Checkpoint.save(file, { step: 1 }))).message, /: cannot be written: /)
        assert.deepStrictEqual(yield* fs.readDirectory(`${file}/..`), ["model.safetensors"])
      })
    ))

  it.effect("that is cut short or foreign is refused, wherever the cut is", () =>
    test((file, fs) =>
      Effect.gen(function*() {
        yield* Checkpoint.save(file, yield* scoped(init()))
        const whole = yield* fs.readFile(file)
        for (const length of [0, 7, 8, 100, whole.length - 1]) {
          yield* fs.writeFile(file, whole.subarray(0, length))
          assert.strictEqual((yield* Effect.flip(Checkpoint.load(file, init())))._tag, "CheckpointError", `${length}`)
        }
        yield* fs.writeFileString(file, "not a checkpoint, but long enough to look like one")
        assert.match((yield* Effect.flip(Checkpoint.load(file, init()))).message, /: expected .*, found /)
      })
    ))
})
