import { Effect, Stream } from "effect"
import { parseArgs } from "node:util"
import { Backend, Train } from "../src/index.ts"
import { longRuns } from "./longRuns.ts"
import type { LongRun } from "./longRuns.ts"
import { table } from "./table.ts"
import { tf } from "./tfjs.ts"

const { values: { model } } = parseArgs({ options: { model: { type: "string", default: "mlp" } } })
const names = Object.keys(longRuns), make: (() => LongRun) | undefined = longRuns[model]
if (make === undefined) throw new Error(`--model is one of ${names.join(", ")}, got ${model}`)
const { batches, examples: EXAMPLES, init, mostWasm = Infinity, step } = make()
const SAMPLE_EVERY = EXAMPLES / 10, BOUND_MB = 64

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
  const trainer = yield* Train.make(init, step)
  const samples: Array<Sample> = [], started = performance.now()
  let examples = 0
  yield* batches.pipe(
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
if (mostWasm < Infinity) console.log(`allowed are ${mostWasm} MB`)
console.log(steady ? "the number of tensors did not change" : "the number of tensors changed")
if (growth > BOUND_MB || last.wasm > Math.min(mostWasm, warm.wasm) || !steady) process.exitCode = 1
