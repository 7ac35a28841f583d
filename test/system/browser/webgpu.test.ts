import { assert, describe, it } from "@effect/vitest"
import { mean, ones } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Autodiff, Backend, Losses, Optimizers } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { assertClose, toTensor } from "../../support/numbers.ts"
import type { Values } from "../../support/numbers.ts"
import type { Case } from "../../support/reference.ts"
import { claims, layerOf } from "../../support/referenceLayers.ts"
import type { Claim } from "../../support/referenceLayers.ts"
import { hasWebgpu, webgpu } from "./backends.ts"

const cases = async (family: string): Promise<ReadonlyArray<Case>> =>
  (await (await fetch(new URL(`../../fixtures/${family}.json`, import.meta.url))).json()).cases

const [layers, losses, optimizers] = await Promise.all(["layers", "losses", "optimizers"].map(cases))
const named = (family: ReadonlyArray<Case> | undefined, name: string) => family!.find((c) => c.name === name)!

const ofLayer = (name: string) => (): ReadonlyArray<Claim> => {
  const c = named(layers, name)
  return claims(layerOf(c)!, c)
}

const ofCrossEntropy = (): ReadonlyArray<Claim> => {
  const c = named(losses, "softmaxCrossEntropy"), target = toTensor(c["target"])
  const { grads, value } = Autodiff.valueAndGrad((p: ReturnType<typeof toTensor>) => [
    mean(Losses.softmaxCrossEntropy(p, target)),
    0
  ])(toTensor(c["prediction"]))
  return [["loss", value, { shape: [], data: [c["loss"]] }], ["gradient", grads, c["gradPrediction"]]]
}

const ofAdam = (): ReadonlyArray<Claim> => {
  const { gradients, initial, trajectory } = named(optimizers, "adam"), adam = Optimizers.adam(0.01)
  const tensors = (values: ReadonlyArray<Values>) => values.map((value) => toTensor(value))
  let params = tensors(initial), state = adam.init(params)
  return (gradients as ReadonlyArray<ReadonlyArray<Values>>).flatMap((gradient, step) => {
    const [updates, next] = adam.update(tensors(gradient), state, params)
    params = Optimizers.applyUpdates(params, updates)
    state = next
    return params.map((param, i): Claim => [`step ${step} leaf ${i}`, param, trajectory[step][i]])
  })
}

// Chromium has a processor play the GPU, which takes a second or so for each kernel that is new to it.
describe("webgpu in a page", () => {
  const onWebgpu = <A, E>(title: string, effect: Effect.Effect<A, E, Backend.Backend>) =>
    it.live(title, ({ skip }) =>
      Effect.gen(function*() {
        if (!(yield* hasWebgpu)) return skip("no WebGPU here")
        yield* Effect.provide(leavesNoTensor(effect), webgpu)
      }))

  const programs = {
    dense: ofLayer("dense"),
    conv2d: ofLayer("conv2d"),
    layerNorm: ofLayer("layerNorm"),
    softmaxCrossEntropy: ofCrossEntropy,
    adam: ofAdam
  }
  for (const [name, program] of Object.entries(programs)) {
    onWebgpu(
      `gives the reference vectors of ${name}`,
      Effect.acquireUseRelease(
        Backend.tensors(name, program),
        (found) =>
          Effect.map(
            Backend.read(name, found.map(([, x]) => x)),
            (values) => found.forEach(([what, , expected], i) => assertClose(values[i]!, expected, 2e-5, what))
          ),
        (found) => Effect.sync(() => found.forEach(([, x]) => x.dispose()))
      )
    )
  }

  onWebgpu(
    "refuses to wait for values",
    Effect.map(
      Effect.flip(Backend.tensors("wait", () => Backend.toHost(ones([3])))),
      ({ message }) => assert.match(message, /Backend\.read/)
    )
  )
})
