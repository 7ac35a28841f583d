import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Layer, Logger } from "effect"
import { Backend, Checkpoint, Key, Layers, Losses, Optimizers, Train, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { inTempFolder } from "../../support/files.ts"

const model = (classes: number) =>
  Layers.named({ body: Layers.dense(4), norm: Layers.batchNorm(), head: Layers.dense(classes) })
const optimizer = Optimizers.adam(0.1)
const init = (classes: number, seed: number) =>
  Train.init({ model: model(classes), optimizer, input: [3], key: Key.make(seed) })
const step = (classes: number) =>
  Train.supervised({ model: model(classes), optimizer, loss: Losses.softmaxCrossEntropy })

const scoped = <T extends Tree.Tree, E, R>(effect: Effect.Effect<T, E, R>) =>
  Effect.acquireRelease(effect, (tree) => Effect.sync(() => Tree.disposeExcept(tree)))

/** The file of a training that has got to step 9, of 10 classes. */
const test = <A, E, R>(use: (file: string) => Effect.Effect<A, E, R>) =>
  inTempFolder((folder) =>
    Effect.gen(function*() {
      const trained = yield* scoped(Effect.map(init(10, 1), (state) => ({ ...state, step: 9 })))
      yield* Checkpoint.save(trained, `${folder}/model.safetensors`)
      return yield* use(`${folder}/model.safetensors`)
    })
  ).pipe(leavesNoTensor)

const values = (x: tf.Tensor) => Array.from(x.dataSync())

const refused = (file: string, only: Checkpoint.IntoOptions["only"], classes = 3) =>
  Effect.map(Effect.flip(Checkpoint.into(file, init(classes, 2), { only })), (error) => {
    assert.strictEqual(error._tag, "CheckpointError")
    return error._tag === "CheckpointError" ? error.reasons : []
  })

layer(Layer.mergeAll(Backend.layerWasm, NodeServices.layer, Logger.layer([])))("Checkpoint.into", (it) => {
  it.effect("takes what is chosen and leaves the rest as initialized, the step and the optimizer too", () =>
    test((file) =>
      Effect.gen(function*() {
        const trained = yield* scoped(init(10, 1)), fresh = yield* scoped(init(3, 2))
        const only = ["params.body", "params.norm", "state"]
        const warm = yield* scoped(Checkpoint.into(file, init(3, 2), { only }))
        assert.deepStrictEqual(values(warm.params.body.kernel), values(trained.params.body.kernel))
        assert.notDeepEqual(values(warm.params.body.kernel), values(fresh.params.body.kernel))
        assert.deepStrictEqual(values(warm.params.head.kernel), values(fresh.params.head.kernel))
        assert.deepStrictEqual([warm.step, warm.key], [0, fresh.key])
        const trainer = yield* Train.make(Checkpoint.into(file, init(3, 2), { only }), step(3))
        assert.strictEqual((yield* trainer.state).params.head.kernel.shape[1], 3)
      })
    ))

  it.effect("takes one path, or those that a function says yes to, numbers too", () =>
    test((file) =>
      Effect.gen(function*() {
        const trained = yield* scoped(init(10, 1)), fresh = yield* scoped(init(3, 2))
        const one = yield* scoped(Checkpoint.into(file, init(3, 2), { only: "params.body.kernel" }))
        assert.deepStrictEqual(values(one.params.body.kernel), values(trained.params.body.kernel))
        const some = yield* scoped(
          Checkpoint.into(file, init(3, 2), { only: (path) => path === "step" || path.startsWith("params.body") })
        )
        assert.strictEqual(some.step, 9)
        assert.deepStrictEqual(values(some.params.head.kernel), values(fresh.params.head.kernel))
        const part = Effect.map(init(3, 2), ({ params: { body } }) => ({ params: { body } }))
        const { params } = yield* scoped(Checkpoint.into(file, part, { only: "params" }))
        assert.deepStrictEqual(values(params.body.kernel), values(trained.params.body.kernel))
      })
    ))

  it.effect("refuses a path of which there is nothing to take, and says which of both has none", () =>
    test((file) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* refused(file, ["params.body", "params.bdy"]), [
          "params.bdy is neither in the file nor in what is initialized"
        ])
        assert.deepStrictEqual(yield* refused(file, "params.bod"), [
          "params.bod is neither in the file nor in what is initialized"
        ])
        assert.deepStrictEqual(yield* refused(file, () => false), [
          "only is neither in the file nor in what is initialized"
        ])
        const other = Effect.map(init(3, 2), (state) => ({ ...state, params: { tail: state.params.body } }))
        const error = yield* Effect.flip(Checkpoint.into(file, other, { only: ["params.tail", "params.body"] }))
        assert.strictEqual(
          error.message,
          `${file}: params.tail is not in the file; params.body is in the file but not in what is initialized`
        )
      })
    ))

  it.effect("names every leaf below a path that the file lacks; a function may say yes to such", () =>
    test((file) =>
      Effect.gen(function*() {
        const more = Effect.map(init(3, 2), (state) => ({
          ...state,
          params: { body: { ...state.params.body, gain: tf.zeros([1]) }, rest: [state.params.norm, state.params.head] }
        }))
        const error = yield* Effect.flip(Checkpoint.into(file, more, { only: ["params.body", "params.body.kernel"] }))
        assert.strictEqual(error.message, `${file}: params.body.gain is not in the file`)
        const warm = yield* scoped(Checkpoint.into(file, more, { only: (path) => path.startsWith("params.body") }))
        assert.deepStrictEqual(values(warm.params.body.gain), [0])
      })
    ))

  it.effect("names every leaf of another shape or kind", () =>
    test((file) =>
      Effect.gen(function*() {
        assert.deepStrictEqual(yield* refused(file, "params"), [
          "params.head.kernel expects float32 [4, 3], got float32 [4, 10]",
          "params.head.bias expects float32 [3], got float32 [10]"
        ])
        const number = Effect.sync(() => ({ params: { head: { kernel: 3 } }, step: tf.zeros([2]) }))
        const error = yield* Effect.flip(Checkpoint.into(file, number, { only: ["params.head.kernel", "step"] }))
        assert.strictEqual(
          error.message,
          `${file}: step expects float32 [2], the file has none; params.head.kernel expects a number, the file has an array`
        )
      })
    ))

  it("refuses to take nothing", () => {
    for (const only of ["", []]) {
      assert.throws(
        () => Checkpoint.into("model.safetensors", init(3, 2), { only }),
        RangeError,
        "Checkpoint.into: only is at least one path, got none"
      )
    }
  })

  it.effect("says what was taken and what was left", () =>
    test((file) =>
      Effect.gen(function*() {
        const said: Array<unknown> = []
        const logger = Logger.make(({ fiber, logLevel, message }) => {
          said.push(logLevel, message, fiber)
        })
        yield* scoped(Checkpoint.into(file, init(3, 2), { only: ["params.body"] })).pipe(
          Effect.provide(Logger.layer([logger]))
        )
        assert.deepStrictEqual(said.slice(0, 1), ["Info"])
        assert.match(
          String(said[1]),
          /model\.safetensors: took 2 leaves \(params\.body\.kernel, params\.body\.bias\), left \d+ as initialized \(params\.norm\.scale, .* and \d+ more\)$/
        )
      })
    ))
})
