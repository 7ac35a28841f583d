import { assert, layer } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Stream } from "effect"
import { Backend, Key, Layers, Losses, Optimizers, Train, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { batches } from "../../support/training.ts"

const body = Layers.named({ conv: Layers.conv2d({ filters: 2, kernelSize: 3 }), norm: Layers.batchNorm() })
const modelOf = (freeze: typeof Layers.frozen) =>
  Layers.named({ body: freeze(body), flat: Layers.flatten, head: Layers.dense(4) })
const loss = Losses.softmaxCrossEntropy, frozen = modelOf(Layers.frozen)

const optimizers: ReadonlyArray<readonly [name: string, optimizer: Optimizers.GradientTransformation]> = [
  ["Adam with weight decay", Optimizers.adamW(0.01, { weightDecay: 0.5 })],
  ["momentum", Optimizers.sgd(0.1, { momentum: 0.9, nesterov: true })],
  ["weight decay before descent", Optimizers.chain(Optimizers.addDecayedWeights(0.5), Optimizers.sgd(0.1))],
  ["RMSProp with momentum", Optimizers.rmsProp(0.01, { momentum: 0.9 })],
  ["groups", Optimizers.partition({ body: Optimizers.adamW(0.1), "*": Optimizers.adjustable(Optimizers.adam, 0.1) })]
]

const noisy = (grads: Tree.Tree): Tree.Tree => Tree.map(grads, (grad) => tf.clipByValue(tf.add(grad, 0.01), -1, 1))
const untouched = (grads: Tree.Tree): Tree.Tree => grads

const values = (tree: Tree.Tree) => Tree.leaves(tree).map((leaf) => Array.from(leaf.dataSync()))

layer(Backend.layerWasm)("frozen layers", (it) => {
  for (const [name, optimizer] of optimizers) {
    for (const [parts, between] of [[1, untouched], [3, untouched], [1, noisy], [3, noisy]] as const) {
      const title = `stay as they are under ${name} that has moved them before, batches in ${parts}`
      it.effect(`${title}, gradients ${between.name}`, () =>
        Effect.gen(function*() {
          const model = modelOf((layer) => layer)
          const trainer = yield* Train.make(
            Train.init({ model, optimizer, input: [8, 8, 1], key: Key.make(3) }),
            Train.supervised({ model, loss, optimizer })
          )
          yield* Stream.runDrain(trainer.run(Stream.take(batches, 3)))
          const gradients = Train.accumulate(parts)(Train.gradients({ model: frozen, loss }))
          const update = Train.update(optimizer)
          const before = yield* trainer.state,
            [kept, head] = [values(before.params.body), values(before.params.head)]
          const runningBefore = values(before.state)
          yield* trainer.use((state) =>
            Effect.gen(function*() {
              const goingOn = yield* Train.make(
                Backend.tensors("copy", () => Tree.map(state as Tree.Tree, (leaf) => leaf.clone()) as typeof state),
                Train.step(() => "step", (current: typeof state, batch: Train.SupervisedBatch<never, never>) => {
                  const found = gradients(current, batch)
                  return [
                    update(current, { ...found, grads: between(found.grads) as typeof found.grads }),
                    found.measured
                  ]
                })
              )
              yield* Stream.runDrain(goingOn.run(Stream.take(batches, 3) as Stream.Stream<never>))
              const after = yield* goingOn.state
              assert.deepStrictEqual(values(after.params.body), kept)
              assert.deepStrictEqual(values(after.state), runningBefore)
              assert.notDeepEqual(values(after.params.head), head)
            })
          )
        }).pipe(Effect.scoped, leavesNoTensor))
    }
  }
})
