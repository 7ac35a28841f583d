import { assert, describe, it } from "@effect/vitest"
import { removeBackend } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend } from "effect-neuron"
import { keepListeners } from "../../../src/backend/processListeners.ts"

const listeners = (): ReadonlyArray<ReadonlyArray<unknown>> => [
  process.listeners("uncaughtException"),
  process.listeners("unhandledRejection")
]

describe("the process of a backend", () => {
  it("has the listeners of uncaught errors that it had: when the module has started, and when it has ended", async () => {
    const own = () => undefined
    process.on("unhandledRejection", own)
    const before = listeners()
    await Effect.runPromise(Effect.provide(Effect.void, Backend.layerWasm))
    assert.deepStrictEqual(listeners(), before)
    const putBack = keepListeners()
    removeBackend("wasm")
    assert.isFalse(listeners()[1]!.includes(own), "TensorFlow.js takes them away")
    putBack()
    assert.deepStrictEqual(listeners(), before)
    process.off("unhandledRejection", own)
  })

  it("keeps listeners that a program has added meanwhile", () => {
    const putBack = keepListeners(), own = () => undefined
    process.on("uncaughtException", own)
    putBack()
    assert.isTrue(listeners()[0]!.includes(own))
    process.off("uncaughtException", own)
  })
})
