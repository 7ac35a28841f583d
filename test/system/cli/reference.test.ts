import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem, Stream } from "effect"
import { Backend, Checkpoint, Experiment } from "effect-neuron"
import * as Remote from "effect-neuron/remote"
import { runHere } from "../../support/cli.ts"

const { digits, generator } = Experiment

/** The bytes of the last checkpoint of a training as a worker holds it. */
const trainedAside = <C>(
  { config: codec, name, open }: Experiment.Experiment<C, FileSystem.FileSystem>,
  json: object
) =>
  Effect.gen(function*() {
    const config = yield* Experiment.parse(name, codec, json)
    const { metadata = {}, run, use } = yield* Remote.trainingOf(yield* open(config))
    yield* Stream.runDrain(run(Effect.void))
    return yield* use((state) => Checkpoint.encode(state, { metadata }))
  }).pipe(Effect.scoped, Effect.provide(Backend.layerWasm))

layer(NodeServices.layer, { excludeTestServices: true })("a training in a worker", (it) => {
  it.effect("makes the checkpoint that the command line makes, to the byte", () =>
    Effect.gen(function*() {
      const files = yield* FileSystem.FileSystem, path = yield* files.makeTempDirectoryScoped()
      const byHand = yield* runHere(
        ...["train", "digits", "--model", "small-mlp", "--examples", "60", "--epochs", "2", "--out", `${path}/digits`]
      )
      assert.isTrue(byHand.ok, byHand.err.join())
      assert.deepStrictEqual(
        yield* trainedAside(digits as never, { model: "small-mlp", examples: 60, epochs: 2 }),
        new Uint8Array(yield* files.readFile(`${path}/digits/model.safetensors`))
      )
      const drawn = yield* runHere(
        ...["gan", "train", "--dataset", "digits", "--model", "mlp", "--examples", "64", "--batch-size", "8"],
        ...["--steps", "2", "--out", `${path}/generator`]
      )
      assert.isTrue(drawn.ok, drawn.err.join())
      assert.deepStrictEqual(
        yield* trainedAside(generator as never, {
          dataset: "digits",
          model: "mlp",
          examples: 64,
          batchSize: 8,
          steps: 2
        }),
        new Uint8Array(yield* files.readFile(`${path}/generator/model.safetensors`))
      )
    }))
})
