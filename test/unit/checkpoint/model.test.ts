import { NodeServices } from "@effect/platform-node"
import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, FileSystem, Layer, Stream } from "effect"
import type { Scope } from "effect"
import {
  Adversarial,
  Backend,
  Checkpoint,
  Errors,
  Key,
  Layers,
  Losses,
  NdArray,
  Optimizers,
  Safetensors,
  Train,
  Tree
} from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"

const services = Layer.merge(Backend.layerWasm, NodeServices.layer)
const run = <A, E>(
  program: (folder: string) => Effect.Effect<A, E, Layer.Success<typeof services> | Scope.Scope>
) =>
  Effect.gen(function*() {
    const folder = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
    return yield* program(folder)
  }).pipe(Effect.scoped, leavesNoTensor, Effect.provide(services))

const optimizer = Optimizers.adam(1e-2)
const network = Layers.named({
  conv: Layers.conv2d({ filters: 3, kernelSize: 3, bias: false }),
  norm: Layers.batchNorm(),
  act: Layers.leakyRelu(0.1),
  flat: Layers.flatten,
  head: Layers.serial(Layers.spectralNorm(Layers.dense(4)), Layers.relu, Layers.dense(2))
})
const input = [4, 4, 1]
const x = NdArray.make(Float32Array.from({ length: 32 }, (_, i) => Math.sin(i)), [2, 4, 4, 1])
const batch = { x, y: NdArray.make(Float32Array.of(1, 0, 0, 1), [2, 2]), size: 2 }
const { kinds } = Layers

const outputs = <P, S>(model: Layers.Layer<P, S>, weights: { readonly params: P; readonly state: S }) =>
  Backend.tensors("outputs", () => {
    const [y] = model.apply(weights.params, weights.state, tf.tensor4d(x.data as Float32Array, [2, 4, 4, 1]), {
      training: false,
      key: Key.make(0)
    })
    return [...y.dataSync()]
  })

describe("the model of a checkpoint", () => {
  it.effect("is made of the file alone, with the weights of its training", () =>
    run((folder) =>
      Effect.gen(function*() {
        const init = Train.init({ model: network, optimizer, input, key: Key.make(3) })
        const trainer = yield* Train.make(
          init,
          Train.supervised({ model: network, optimizer, loss: Losses.meanSquaredError })
        )
        const metadata = { ...Checkpoint.describe(network, { input }), note: "mine" }
        yield* Stream.forever(Stream.make(batch)).pipe(
          Stream.take(3),
          trainer.run,
          Checkpoint.every(1, { folder, trainer, metadata }),
          Stream.runDrain
        )
        const found = yield* Checkpoint.model(`${folder}/${Checkpoint.fileName}`, { kinds })
        assert.strictEqual(found.model.name, network.name)
        assert.deepStrictEqual(found.input, input)
        assert.strictEqual(found.metadata["note"], "mine")
        const expected = yield* trainer.use((state) => outputs(network, state))
        assert.deepStrictEqual(yield* outputs(found.model, found.weights), expected)
        // It initializes as the one that was saved does, not with the zeros that its weights were compared with.
        const [a, b] = yield* Effect.forEach([network as Layers.Any, found.model], (model) =>
          Effect.map(Train.init({ model, optimizer, input, key: Key.make(9) }), (state: Tree.Tree) => {
            const values = Tree.entries(state).map(([path, x]) => [path, x.dataSync()])
            Tree.disposeExcept(state)
            return values
          }))
        assert.deepStrictEqual(b, a)
      })
    ))

  it.effect("is one of several, at its path", () =>
    run((folder) =>
      Effect.gen(function*() {
        const generator = Layers.serial(Layers.dense(3), Layers.batchNorm(), Layers.dense(2)), critic = Layers.dense(1)
        const state = yield* Adversarial.init({
          generator,
          critic,
          optimizers: { generator: optimizer, critic: optimizer },
          latent: { shape: [5] },
          input: [2],
          key: Key.make(1)
        })
        const metadata = {
          ...Checkpoint.describe(generator, { input: [5], at: "generator" }),
          ...Checkpoint.describe(critic, { input: [2], at: "critic" })
        }
        const path = `${folder}/gan.safetensors`
        yield* Checkpoint.save(state, path, { metadata })
        for (const [at, model] of [["generator", generator], ["critic", critic]] as const) {
          const found = yield* Checkpoint.model(path, { kinds, at })
          assert.strictEqual(found.model.name, model.name)
          assert.deepStrictEqual(
            Tree.entries(found.weights).map(([path, x]) => [path, x.dataSync()]),
            Tree.entries({ params: state[at].params, state: state[at].state }).map(([path, x]) => [path, x.dataSync()])
          )
        }
        const error = yield* Effect.flip(Checkpoint.model(path, { kinds }))
        assert.include(
          error.message,
          "does not say of what model its weights are: it was saved without Checkpoint.desc"
        )
        Tree.disposeExcept(state)
      })
    ))

  const weights = Backend.tensors(
    "weights",
    () => ({ params: { kernel: tf.ones([2, 3]), bias: tf.zeros([3]) }, state: {} })
  )
  const good = Checkpoint.describe(Layers.dense(3), { input: [2] }) as { readonly [key: string]: string }
  const throwing = Layers.kind("throwing", {
    options: {},
    make: () =>
      Layers.lambda("throwing", {
        shape: () => {
          throw new Error("not today")
        },
        apply: (x) => x
      })
  })
  const dense = (options: object) => JSON.stringify({ kind: "dense", options })
  const wrong: ReadonlyArray<readonly [metadata: { readonly [key: string]: string }, message: string]> = [
    [{}, "file: does not say of what model its weights are: it was saved without Checkpoint.describe"],
    [{ model: "named(head: dense(3))" }, "does not say of what model its weights are"],
    [{ ...good, model: "named(head: dense(3))" }, "describes no model that can be built: description: expected the"],
    [
      { ...good, model: `{"kind":"hopfield"}` },
      `describes no model that can be built: kind: expected one of the kinds`
    ],
    [{ ...good, model: "[".repeat(100_000) }, "describes no model that can be built"],
    [
      { ...good, model: `{"kind":"residual","children":{"":`.repeat(9999) + "7" + "}}".repeat(9999) },
      "at most 64 levels"
    ],
    [{ ...good, "model.input": "" }, "does not say of what model"],
    [{ ...good, "model.input": `{"a":"b"}` }, "does not say of what model"],
    [{ ...good, "model.input": "[".repeat(9999) + "]".repeat(9999) }, "does not say of what model"],
    [{ ...good, "model.input": "[]" }, "its model does not take its input: dense expects [..., features], got []"],
    [
      { ...good, "model.input": `{"a":[2]}` },
      "its model does not take its input: dense expects a tensor, got { a: [2] }"
    ],
    [{ ...good, model: `{"kind":"throwing"}` }, "file: its model cannot be initialized: not today"],
    [{ ...good, "model.input": "[4]" }, "its model has more parameters than it has values (9)"],
    [{ ...good, "model.input": "[1]" }, "params.kernel expects float32 [1, 3], got float32 [2, 3]"],
    [{ ...good, model: dense({ units: 1e9 }) }, "its model has more parameters than it has values (9)"],
    ...[
      Checkpoint.describe(Layers.batchNorm(), { input: [2, 2] }),
      Checkpoint.describe(Layers.groupNorm({ groups: 1 }), { input: [2, 2] }),
      Checkpoint.describe(Layers.layerNorm(), { input: [2, 2] }),
      Checkpoint.describe(Layers.instanceNorm(), { input: [2, 2] })
    ].map((described) =>
      [
        { ...described, "model.input": "[2,1000000000000]" },
        "its model has more parameters than it has values (9)"
      ] as const
    ),
    // Nine values are those of kernel and bias: the singular vectors are too many.
    [
      Checkpoint.describe(Layers.spectralNorm(Layers.dense(3)), { input: [2] }),
      "its model has more parameters than it has values (9)"
    ],
    [
      Checkpoint.describe(Layers.serial(Layers.activation("own", (x) => x)), { input: [2] }),
      `weights are: children.0: expected a layer of a kind, found "own", which is of none`
    ]
  ]

  it.effect("is a failure that says what is wrong in the file", () =>
    run(() =>
      Effect.gen(function*() {
        const tree = yield* weights, plain = yield* Checkpoint.encode(tree)
        Tree.disposeExcept(tree)
        const { tensors } = yield* Effect.fromResult(Safetensors.decode(plain, "file"))
        for (const [metadata, message] of wrong) {
          const bytes = Safetensors.encode(tensors, { metadata })
          const error = yield* Effect.flip(Checkpoint.decodeModel(bytes, { kinds: [...kinds, throwing], name: "file" }))
          assert.instanceOf(error, Errors.CheckpointError)
          assert.include(error.message, message)
        }
        const bytes = Safetensors.encode(tensors, { metadata: good })
        const error = yield* Effect.flip(Checkpoint.decodeModel(bytes, { kinds: [Layers.relu], name: "file" }))
        assert.include(error.message, `kinds of a layer that are given (relu), found "dense"`)
        const { weights: found } = yield* Checkpoint.decodeModel(bytes, { kinds: [Layers.dense] })
        assert.deepStrictEqual(Tree.entries(found).map(([path]) => path), ["params.kernel", "params.bias"])
        Tree.disposeExcept(found)
      })
    ))
})
