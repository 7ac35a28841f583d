import { assert, describe, it } from "@effect/vitest"
import { matMul } from "@tensorflow/tfjs-core"
import { Effect, Logger } from "effect"
import { Backend } from "effect-neuron"
import { leaveToOthers, useThreads } from "../../../src/backend/companion/parallel.ts"
import { leavesNoTensor } from "../../support/backend.ts"
import { randomTensor } from "../../support/numbers.ts"

const warnings: Array<string> = []
const logger = Logger.make(({ logLevel, message }) => {
  if (logLevel === "Warn") warnings.push(String(message))
})

describe("a page that is isolated from other origins", () => {
  it.effect("computes in several threads, and they give the bits of one", () =>
    Effect.gen(function*() {
      assert.isTrue(globalThis.crossOriginIsolated)
      assert.deepStrictEqual(warnings, [])
      const product = Backend.tensors("product", () =>
        matMul(randomTensor(1, [200, 300]), randomTensor(2, [300, 100])).dataSync())
      const together = yield* product
      leaveToOthers(true)
      const byOthers = yield* product
      leaveToOthers(false)
      assert.isDefined(useThreads(undefined))
      const alone = yield* product
      assert.deepStrictEqual(together, alone)
      assert.deepStrictEqual(byOthers, alone)
    }).pipe(
      Effect.ensuring(Effect.sync(() =>
        leaveToOthers(false)
      )),
      leavesNoTensor,
      Effect.provide(Backend.layerWasmWith({ threads: 2 })),
      Effect.provide(Logger.layer([logger]))
    ))
})
