// The smallest training there is: a network of two layers learns exclusive or.
// npm run example examples/xor.ts
import { Console, Effect, Option, Stream } from "effect"
import { Backend, Key, Layers, Losses, Metrics, NdArray, Optimizers, Report, Train } from "effect-neuron"

const model = Layers.named({ hidden: Layers.dense(8), tanh: Layers.tanh, head: Layers.dense(1) })
const optimizer = Optimizers.adam(0.05)

const table = {
  x: NdArray.make([[0, 0], [0, 1], [1, 0], [1, 1]]),
  y: NdArray.make([[0], [1], [1], [0]]),
  size: 4
}

const program = Effect.gen(function*() {
  const trainer = yield* Train.make(
    Train.init({ model, optimizer, input: [2], key: Key.make(1) }),
    Train.supervised({ model, optimizer, loss: Losses.binaryCrossEntropy, metrics: [Metrics.accuracy] })
  )
  const last = yield* Stream.forever(Stream.make(table)).pipe(
    trainer.run,
    Stream.takeUntil(({ loss }) => loss < 0.01),
    Stream.take(2000),
    Stream.runLast
  )
  yield* Report.line(Option.getOrThrow(last))
  const [logits] = yield* Stream.runCollect(Train.predict(Stream.make(table), model, trainer))
  const answers = Array.from(logits!.data, (logit) => logit > 0 ? 1 : 0)
  yield* Console.log(answers.map((answer, i) => `${table.x.data.subarray(2 * i, 2 * i + 2).join(" xor ")} = ${answer}`))
  const right = answers.map((answer, i) => answer === table.y.data[i])
  if (!right.every((ok) => ok)) return yield* Effect.fail("exclusive or was not learned")
})

await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(Backend.layerWasm)))
