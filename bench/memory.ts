import { Effect, Stream } from "effect"
import { parseArgs } from "node:util"
import { Backend, Datasets, Pipeline, Train } from "../src/index.ts"
import { training } from "./bareStep.ts"
import { BATCH, IMAGE } from "./models.ts"
import { table } from "./table.ts"
import { tf } from "./tfjs.ts"

const { values: { model } } = parseArgs({ options: { model: { type: "string", default: "mlp" } } })
if (model !== "mlp" && model !== "cnn") throw new Error(`--model is mlp or cnn, got ${model}`)

// A million examples for the mlp, 10,000 steps for the cnn.
const EXAMPLES = model === "mlp" ? 1_000_000 : 640_000, SAMPLE_EVERY = EXAMPLES / 10, BOUND_MB = 64
const PIXELS = 28 * 28, CLASSES = 10

/** Noise with a bright bar at the height of the class: new arrays for each example, so that leaks would show. */
const example = (i: number) => {
  const data = new Float32Array(PIXELS), label = i % CLASSES
  let word = i
  for (let p = 0; p < PIXELS; p++) {
    word = Math.imul(word, 1664525) + 1013904223
    data[p] = (word >>> 8) * 2 ** -25
  }
  data.fill(1, label * 2 * 28, (label * 2 + 2) * 28)
  return { x: { data, shape: IMAGE }, y: { data: Int32Array.of(label), shape: SCALAR } }
}
const SCALAR: ReadonlyArray<number> = []

const dataset = Datasets.generate({
  name: "bars",
  shapes: { x: IMAGE, y: SCALAR },
  sizes: { train: EXAMPLES, test: 0 },
  example: (_, i) => example(i)
})

const MB = 2 ** 20

const wasmBytes = () =>
  (tf.backend() as unknown as { readonly wasm: { readonly HEAPU8: Uint8Array } }).wasm.HEAPU8.length

type Sample = {
  readonly examples: number
  readonly rss: number
  readonly heap: number
  readonly external: number
  /** Of the memory of the WebAssembly backend, which never shrinks: its size is its peak. */
  readonly wasm: number
  readonly tensors: number
  readonly tensorBytes: number
  readonly loss: number
  readonly seconds: number
}

const program = Effect.gen(function*() {
  const { init, step } = training(model, true)
  const trainer = yield* Train.make(init, step)
  const samples: Array<Sample> = [], started = performance.now()
  let examples = 0
  yield* dataset.train.pipe(
    Pipeline.shuffle({ buffer: 10_000, seed: 7 }),
    Pipeline.batch(BATCH),
    Pipeline.prefetch(2),
    trainer.run,
    Stream.runForEach(({ loss, size }) =>
      Effect.sync(() => {
        const before = examples
        examples += size
        if (Math.floor(before / SAMPLE_EVERY) === Math.floor(examples / SAMPLE_EVERY)) return
        const { external, heapUsed, rss } = process.memoryUsage(), { numBytes, numTensors } = tf.memory()
        samples.push({
          examples,
          rss: rss / MB,
          heap: heapUsed / MB,
          external: external / MB,
          wasm: wasmBytes() / MB,
          tensors: numTensors,
          tensorBytes: numBytes / MB,
          loss,
          seconds: (performance.now() - started) / 1000
        })
      })
    )
  )
  return samples
})

const samples = await program.pipe(Effect.scoped, Effect.provide(Backend.layerWasm), Effect.runPromise)

console.log(table(
  ["examples", "resident MB", "JS heap MB", "JS arrays MB", "WASM MB", "tensors", "tensor MB", "loss", "seconds"],
  samples.map((s) => [
    s.examples.toLocaleString("en-US"),
    s.rss.toFixed(1),
    s.heap.toFixed(1),
    s.external.toFixed(1),
    s.wasm.toFixed(1),
    String(s.tensors),
    s.tensorBytes.toFixed(2),
    s.loss.toExponential(1),
    s.seconds.toFixed(1)
  ])
))

const [warm] = samples, last = samples.at(-1)
if (warm === undefined || last === undefined || samples.length < EXAMPLES / SAMPLE_EVERY) {
  throw new Error(`expected ${EXAMPLES / SAMPLE_EVERY} samples, got ${samples.length}`)
}
const growth = last.rss - warm.rss
const steady = samples.every(({ tensors }) => tensors === warm.tensors)
console.log(`\nresident memory after the warm-up grew by ${growth.toFixed(1)} MB, allowed are ${BOUND_MB} MB`)
console.log(`the memory of the backend is ${last.wasm.toFixed(1)} MB, ${warm.wasm.toFixed(1)} MB after the warm-up`)
console.log(steady ? "the number of tensors did not change" : "the number of tensors changed")
if (growth > BOUND_MB || last.wasm > warm.wasm || !steady) process.exitCode = 1
