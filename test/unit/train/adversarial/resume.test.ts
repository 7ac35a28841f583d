import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem, Layer, Path, Stream } from "effect"
import { Adversarial, Backend, Checkpoint, Key, Train } from "effect-neuron"
import { batches, init, networks, values } from "../../../support/adversarial.ts"
import { leavesNoTensor } from "../../../support/backend.ts"

const steps = {
  gan: Adversarial.gan({ ...networks, labels: { noise: 0.2 } }),
  wgan: Adversarial.wgan(networks),
  wganGp: Adversarial.wganGp(networks)
}

layer(Layer.mergeAll(Backend.layerWasm, NodeServices.layer))("Resuming adversarial training", (it) => {
  for (const [name, step] of Object.entries(steps)) {
    it.effect(`3 steps of ${name}, save, load and 3 steps equal 6 steps, bit for bit`, () =>
      Effect.gen(function*() {
        const folder = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
        const file = (yield* Path.Path).join(folder, Checkpoint.fileName)
        const run = (initial: typeof init, from: number, take: number, save: boolean) =>
          Effect.scoped(Effect.gen(function*() {
            const t = yield* Train.make(initial, step)
            const metrics = yield* batches(from).pipe(Stream.take(take), t.run, Stream.runCollect)
            if (save) yield* Checkpoint.save(t, file)
            return { metrics, state: values(yield* t.state) }
          }))
        const straight = yield* run(init, 0, 6, false)
        const first = yield* run(init, 0, 3, true)
        const second = yield* run(Checkpoint.load(file, init) as typeof init, 3, 3, false)
        assert.deepStrictEqual([...first.metrics, ...second.metrics], straight.metrics)
        assert.deepStrictEqual(second.state, straight.state)
        assert.notDeepEqual(first.state, straight.state)
      }).pipe(Effect.scoped, leavesNoTensor))
  }

  it.effect("the same key gives the same run, another key another one", () =>
    Effect.gen(function*() {
      const run = (initial: typeof init) =>
        Effect.scoped(Effect.gen(function*() {
          const t = yield* Train.make(initial, steps.wganGp)
          yield* batches().pipe(Stream.take(3), t.run, Stream.runDrain)
          return values(yield* t.state)
        }))
      const first = yield* run(init)
      assert.deepStrictEqual(yield* run(init), first)
      assert.notDeepEqual(yield* run(Effect.map(init, (state) => ({ ...state, key: Key.make(7) }))), first)
    }).pipe(leavesNoTensor))
})
