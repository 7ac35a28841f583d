import { Effect } from "/work/wt/threads/node_modules/effect/dist/index.js"
import { Backend } from "/work/wt/threads/src/index.ts"
import * as tf from "/work/wt/threads/node_modules/@tensorflow/tfjs-core/dist/tf-core.node.js"
const p = Effect.gen(function*() {
  yield* Effect.service(Backend.Backend)
  const { parallel } = yield* Effect.promise(() => import("/work/wt/threads/src/backend/companion/parallel.ts"))
  const c = yield* Effect.promise(() => import("/work/wt/threads/src/backend/companion/companion.ts"))
  const b = c.runningCompanion()!
  console.log(b.memory.buffer.constructor.name)
  const n = 1024
  const q = c.scratch(64 * 4 * n)
  for (const k of [1, 2, 8]) {
    const chunks = Array.from({ length: k }, (_, i) => [64, q + i * 64, q + i * 64])
    for (let r = 0; r < 3; r++) {
      const t = performance.now()
      for (let i = 0; i < 20000; i++) parallel("Relu6", chunks)
      console.log(k, ((performance.now() - t) / 20000 * 1000).toFixed(2), "us")
    }
  }
})
await Effect.runPromise(p.pipe(Effect.provide(Backend.layerWasmWith({ threads: 2 }))))
console.log("end")
