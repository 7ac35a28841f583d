import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Backend } from "effect-neuron"
import { useCompanion } from "../../src/backend/companion/companion.ts"
import { leavesNoTensor } from "../support/backend.ts"
import { edgeOperations } from "../support/edgeOperations.ts"
import { differences, edgeCases } from "../support/edges.ts"

const cases = edgeCases()
const backends = [
  ["wasm", Backend.layerWasm, true],
  ["wasm, without the companion module", Backend.layerWasm, false],
  ["cpu", Backend.layerCpu, true]
] as const

describe("values and gradients of both orders at the edges: zeros, ties, one part, an axis of 1 or 0, infinity, 1e30", () => {
  it("are stored for every operation in the table, and for no other", () => {
    assert.deepStrictEqual([...new Set(cases.map(({ op }) => op))].toSorted(), Object.keys(edgeOperations).toSorted())
  })

  for (const [name, layer, companion] of backends) {
    it.effect(`are those of PyTorch on ${name}`, () =>
      Effect.provide(
        leavesNoTensor(Backend.tensors("edges", () => {
          useCompanion(companion)
          const found = cases.flatMap((edge) => differences(edge, edgeOperations[edge.op]!))
          assert.deepStrictEqual(found.slice(0, 40), [], `${found.length} differences`)
        })),
        layer
      ).pipe(Effect.ensuring(Effect.sync(() => useCompanion(true)))))
  }
})
