import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend, NdArray } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"

const name = Effect.map(Effect.service(Backend.Backend), (backend) => backend.name)

describe("Backend", () => {
  it("starts for two programs at once, which TensorFlow.js alone does not", async () => {
    const programs = [Backend.layerWasm, Backend.layerWasm, Backend.layerCpu].map((layer) =>
      Effect.runPromise(Effect.provide(name, layer))
    )
    assert.deepStrictEqual(await Promise.all(programs), ["wasm", "wasm", "cpu"])
  })

  it.effect("that cannot be loaded is a BackendError", () =>
    Effect.gen(function*() {
      // An earlier test has started the backend; it has to go, for its files to be asked for again.
      tf.removeBackend("wasm")
      const of = (paths: Backend.WasmPaths) => Effect.flip(Effect.provide(name, Backend.layerWasmWith({ paths })))
      const simd = "tfjs-backend-wasm-simd.wasm"
      for (const paths of ["/nowhere", { [simd]: `/nowhere/${simd}` }] as const) {
        const error = yield* of(paths)
        assert.strictEqual(error._tag, "BackendError")
        assert.match(
          error.message,
          /^the wasm backend could not be started: \/nowhere\/tfjs-backend-wasm-simd\.wasm could not be loaded: ENOENT/
        )
      }
    }))

  it.effect("tensors keeps the result, frees the rest, and names what threw", () =>
    Effect.gen(function*() {
      const kept = yield* Backend.tensors("keep", () => ({ sum: tf.add(tf.scalar(1), tf.scalar(2)), n: 4 }))
      assert.strictEqual(kept.sum.dataSync()[0], 3)
      kept.sum.dispose()
      const error = yield* Effect.flip(Backend.tensors("multiply", () => tf.matMul(tf.ones([2, 3]), tf.ones([2, 3]))))
      assert.match(error.message, /^multiply: .*inner shapes/)
    }).pipe(leavesNoTensor, Effect.provide(Backend.layerCpu)))

  it.effect("toTensors refuses what is no host array, with its path, and leaves no tensor", () =>
    Effect.gen(function*() {
      const others: ReadonlyArray<readonly [unknown, string]> = [
        [{ data: Float64Array.of(0.5, -1), shape: [2] }, "Float64Array [2]"],
        [{ data: BigInt64Array.of(1n), shape: [] }, "BigInt64Array []"],
        [{ data: Float32Array.of(1), shape: [2] }, "float32 [2] with 1 values"],
        [Float32Array.of(1), "Float32Array"],
        [7, "7"],
        [undefined, "undefined"]
      ]
      for (const [other, found] of others) {
        const tree = { x: [NdArray.make([1], [1]), other] } as never
        const error = yield* leavesNoTensor(Effect.flip(Backend.tensors("upload", () => Backend.toTensors(tree))))
        assert.strictEqual(
          error.message,
          `upload: x.1 expects an array of float32, int32 or uint8 that fills its shape (NdArray.make), got ${found}`
        )
      }
      const alone = yield* Effect.flip(Backend.tensors("upload", () => Backend.toTensors(tf.scalar(1) as never)))
      assert.match(alone.message, /^upload: toTensors expects an array .*, got Tensor$/)
    }).pipe(Effect.provide(Backend.layerCpu)))

  it.effect("toHost and read refuse tensors of strings and complex numbers", () =>
    Effect.gen(function*() {
      for (const make of [() => tf.tensor1d(["a"]), () => tf.complex([1], [2])]) {
        const dtype = make().dtype, expected = `a host array holds float32, int32 or bytes, not a tensor of ${dtype}`
        const error = yield* Effect.flip(Backend.tensors("host", () => Backend.toHost(make()) as never))
        assert.strictEqual(error.message, `host: ${expected}`)
        const x = yield* Backend.tensors("make", make)
        assert.strictEqual((yield* Effect.flip(Backend.read("read", [x]))).message, `read: ${expected}`)
        x.dispose()
      }
    }).pipe(Effect.provide(Backend.layerCpu)))

  it.effect("valueAndGrad frees what its tape saved when the function throws, also from within a gradient", () =>
    Effect.gen(function*() {
      const broken = (x: tf.Tensor) => {
        const y = tf.square(tf.tanh(x))
        if (y.rank >= 0) throw new Error("broken")
        return [tf.sum(y), 0] as const
      }
      const outer = (x: tf.Tensor) => [tf.sum(tf.exp(Autodiff.valueAndGrad(broken)(x).grads)), 0] as const
      for (const f of [broken, outer]) {
        const run = Backend.tensors("gradient", () => Autodiff.valueAndGrad(f)(tf.ones([3])).grads.dataSync())
        assert.strictEqual((yield* Effect.flip(run)).message, "gradient: broken")
      }
      // The engine is as good as new.
      const square = (x: tf.Tensor) => [tf.sum(tf.square(x)), 0] as const
      const gradient = yield* Backend.tensors("gradient", () => [
        ...Autodiff.valueAndGrad(square)(tf.tensor1d([1, 2])).grads.dataSync()
      ])
      assert.deepStrictEqual(gradient, [2, 4])
    }).pipe(leavesNoTensor, Effect.provide(Backend.layerCpu)))

  it.effect("valueAndGrad gives zeros where nothing depends on a tensor, and refuses a value that is no scalar", () =>
    Effect.gen(function*() {
      const result = yield* Backend.tensors("gradient", () => {
        const f = (p: { a: tf.Tensor; b: tf.Tensor }) => [tf.sum(p.a), { twice: tf.mul(p.a, 2), n: 5 }] as const
        const { aux, grads } = Autodiff.valueAndGrad(f)({ a: tf.ones([2]), b: tf.ones([3]) })
        return [[...grads.a.dataSync()], [...grads.b.dataSync()], [...aux.twice.dataSync()], aux.n]
      })
      assert.deepStrictEqual(result, [[1, 1], [0, 0, 0], [2, 2], 5])
      const vector = Backend.tensors("gradient", () => {
        const { value } = Autodiff.valueAndGrad((x: tf.Tensor) => [tf.square(x), 0] as const)(tf.ones([3]))
        return value.dataSync()
      })
      assert.strictEqual(
        (yield* Effect.flip(vector)).message,
        "gradient: the value to differentiate is a scalar, got [3]"
      )
    }).pipe(leavesNoTensor, Effect.provide(Backend.layerCpu)))
})
