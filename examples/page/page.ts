// A page that has a worker learn exclusive or, and stays free meanwhile: it watches, and asks for predictions.
import { Effect, Fiber, Stream } from "effect"
import * as Browser from "effect-neuron/browser"
import * as Remote from "effect-neuron/remote"
import * as RemoteBrowser from "effect-neuron/remote/browser"
import { Xor } from "./xor.ts"

const show = (text: string) =>
  Effect.sync(() => {
    document.querySelector("output")!.textContent = text
  })

const program = Effect.gen(function*() {
  const client = yield* Remote.connect(Xor)
  yield* client.start({ units: 8, learningRate: 0.05, backend: "wasm", threads: 1 })
  yield* client.watch({ every: 20 }).pipe(
    Stream.tap(({ loss, step }) => show(`step ${step}, loss ${Number(loss).toFixed(4)}`)),
    Stream.takeUntil(({ loss }) => Number(loss) < 0.01),
    Stream.runDrain
  )
  yield* client.pause
  const logits = yield* client.predict({ data: Float32Array.of(0, 0, 0, 1, 1, 0, 1, 1), shape: [4, 2] })
  yield* show(`learned: ${Array.from(logits.data, (logit) => logit > 0 ? 1 : 0).join(" ")}`)
})

const worker = RemoteBrowser.layerWorker(() => new Worker(new URL("./worker.ts", import.meta.url), { type: "module" }))

const fiber = Browser.runMain(program.pipe(Effect.scoped, Effect.provide(worker)))
document.querySelector("#stop")!.addEventListener("click", () => Effect.runFork(Fiber.interrupt(fiber)))
