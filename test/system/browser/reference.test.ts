import { describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Backend } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import type { Case } from "../../support/reference.ts"
import { checkLayer, layerOf } from "../../support/referenceLayers.ts"
import { backends } from "./backends.ts"

const cases = async (family: string): Promise<ReadonlyArray<Case>> =>
  (await (await fetch(new URL(`../../fixtures/${family}.json`, import.meta.url))).json()).cases

const all = (await Promise.all(["layers", "generative", "activations"].map(cases))).flat()

for (const [backend, backendLayer] of backends) {
  describe(`reference vectors on ${backend} in a page`, () => {
    for (const c of all) {
      const layer = layerOf(c)
      if (layer === undefined) continue
      it.effect(`${c.name} ${c.config === undefined ? "" : JSON.stringify(c.config)}`, () =>
        Effect.provide(leavesNoTensor(Backend.tensors(c.name, () => checkLayer(layer, c))), backendLayer))
    }
  })
}
