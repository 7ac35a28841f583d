import { assert, describe, it } from "@effect/vitest"
import { backend, memory, ones } from "@tensorflow/tfjs-core"
import { Effect, Stream } from "effect"
import { Backend, Checkpoint, Errors, Key, Layers, Losses, Optimizers, Train } from "effect-neuron"
import { batches } from "../../support/training.ts"
import { webgl } from "./backends.ts"

const model = Layers.named({ flat: Layers.flatten, drop: Layers.dropout(0.25), head: Layers.dense(4) })
const optimizer = Optimizers.sgd(3e-2, { momentum: 0.9 })
const init = Train.init({ model, optimizer, input: [8, 8, 1], key: Key.make(42) })
const step = Train.supervised({ model, optimizer, loss: Losses.softmaxCrossEntropy })

const context = () => (backend() as unknown as { readonly gpgpu: { readonly gl: WebGL2RenderingContext } }).gpgpu.gl

/** The browser takes the context away, as it does when a driver starts anew. */
const loseContext = Effect.promise(async () => {
  const gl = context()
  gl.getExtension("WEBGL_lose_context")!.loseContext()
  // The event comes later.
  await new Promise((resolve) => gl.canvas.addEventListener("webglcontextlost", resolve, { once: true }))
})

const fromTo = (first: number, last: number) => Array.from({ length: last - first + 1 }, (_, i) => first + i)

describe("a WebGL context that is lost", () => {
  for (const [readEvery, lostAt] of [[1, 6], [2, 6], [1, 8]] as const) {
    const what = lostAt === 8 ? "before a checkpoint is written" : `with metrics read every ${readEvery} steps`
    it.effect(`ends training, ${what}; it goes on from its last checkpoint`, () =>
      Effect.gen(function*() {
        const seen: Array<number> = [], losses = new Map<number, number>(), errors: Array<unknown> = []
        let checkpoint: Uint8Array | undefined
        const attempt = Effect.gen(function*() {
          const start = checkpoint === undefined ? init : Checkpoint.decode(checkpoint, init)
          const trainer = yield* Train.make(start, step, { readEvery })
          const { step: from } = yield* trainer.state
          yield* batches.pipe(
            Stream.take(10),
            Stream.drop(from),
            trainer.run,
            Stream.tap(({ loss, step }) =>
              Effect.gen(function*() {
                // What is taken again gives the same numbers on the new context.
                assert.approximately(loss, losses.get(step) ?? loss, 1e-5)
                seen.push(step)
                losses.set(step, loss)
                if (step === lostAt && errors.length === 0) yield* loseContext
                if (step % 4 === 0) checkpoint = yield* Checkpoint.encode(yield* trainer.state)
              })
            ),
            Stream.runDrain
          )
        }).pipe(Effect.scoped, Effect.provide(webgl))
        yield* attempt.pipe(
          Effect.tapError((error) => Effect.sync(() => errors.push(error))),
          Effect.retry({ times: 1, while: Errors.isDeviceLost })
        )
        const lost = new Errors.DeviceError({ backend: "webgl", reason: "lost" })
        assert.deepStrictEqual(
          errors,
          [lostAt === 8 ? new Errors.TensorError({ operation: "checkpoint", cause: lost }) : lost]
        )
        assert.deepStrictEqual(seen, [...fromTo(1, lostAt), ...fromTo(5, 10)])
        assert.isBelow(losses.get(10)!, losses.get(1)!)
        assert.strictEqual(memory().numTensors, 0)
      }))
  }

  it.effect("while metrics are read ends the read", () =>
    Effect.gen(function*() {
      const trainer = yield* Train.make(init, step)
      const original = WebGL2RenderingContext.prototype.fenceSync
      let fences = 0
      WebGL2RenderingContext.prototype.fenceSync = function(...args) {
        fences += 1
        if (fences === 5) this.getExtension("WEBGL_lose_context")!.loseContext()
        return original.apply(this, args)
      }
      const error = yield* batches.pipe(
        trainer.run,
        Stream.runDrain,
        Effect.flip,
        Effect.ensuring(Effect.sync(() => WebGL2RenderingContext.prototype.fenceSync = original))
      )
      assert.strictEqual(error.message, "the webgl device is lost, with all tensors on it")
    }).pipe(
      Effect.scoped,
      Effect.provide(webgl),
      Effect.andThen(Effect.sync(() => assert.strictEqual(memory().numTensors, 0)))
    ))

  it.effect("fails what is computed on it, which would otherwise be zeros", () =>
    Effect.gen(function*() {
      yield* loseContext
      const error = yield* Effect.flip(Backend.tensors("ones", () => ones([3])))
      assert.strictEqual(error.message, "ones: the webgl device is lost, with all tensors on it")
    }).pipe(Effect.provide(webgl)))
})

describe("the memory of a GPU", () => {
  it.effect("that is not enough ends training", () =>
    Effect.gen(function*() {
      const trainer = yield* Train.make(init, step)
      const gl = context()
      // What a texture that does not fit leaves behind.
      gl.getError = () => gl.OUT_OF_MEMORY
      const error = yield* batches.pipe(trainer.run, Stream.runDrain, Effect.flip)
      Reflect.deleteProperty(gl, "getError")
      assert.deepStrictEqual(error, new Errors.DeviceError({ backend: "webgl", reason: "out of memory" }))
      assert.strictEqual((yield* trainer.state).step, 0)
    }).pipe(Effect.scoped, Effect.provide(webgl)))
})
