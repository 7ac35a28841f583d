import { describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Backend } from "effect-neuron"
import { backends, leavesNoTensor } from "../../support/backend.ts"
import { reference } from "../../support/reference.ts"
import { checkLayer, layerOf } from "../../support/referenceLayers.ts"

for (const [backend, backendLayer] of backends) {
  describe(`reference vectors on ${backend}`, () => {
    for (const c of [...reference("layers"), ...reference("generative"), ...reference("activations")]) {
      const layer = layerOf(c)
      if (layer === undefined) continue
      it.effect(`${c.name} ${c.config === undefined ? "" : JSON.stringify(c.config)}`, () =>
        Effect.provide(leavesNoTensor(Backend.tensors(c.name, () => checkLayer(layer, c))), backendLayer))
    }
  })
}
