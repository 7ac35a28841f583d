import { assert, describe, it } from "@effect/vitest"
import type { NdArray } from "effect-neuron"
import { noiseOf, numberAt, onTheWay } from "../../../dashboard/app/generate/latent.ts"
import { addPicture, forgetAfter, LIMIT, noSamples } from "../../../dashboard/app/state/samples.ts"

const picture = (step: number) => ({ data: Uint8Array.of(step % 256), height: 1, width: 1 })

describe("what a generator draws over time", () => {
  it("is kept from the first step to the last, evenly, in bounded memory", () => {
    const samples = noSamples()
    for (let step = 0; step <= 5000; step += 7) {
      addPicture(samples, step, picture(step))
      assert.isAtMost(samples.steps.length, LIMIT)
      assert.strictEqual(samples.steps.at(-1), step)
      assert.strictEqual(samples.pictures.at(-1)!.data[0], step % 256)
    }
    const { pictures, steps } = samples
    assert.strictEqual(steps[0], 0)
    assert.deepStrictEqual(pictures.map(({ data }) => data[0]), steps.map((step) => step % 256))
    const gaps = steps.slice(1, -1).map((step, i) => step - steps[i]!)
    assert.isAbove(steps.length, LIMIT / 3)
    assert.isAtMost(Math.max(...gaps), 4 * Math.min(...gaps))
  })

  it("leaves out what is trained again, and steps that do not rise", () => {
    const samples = noSamples()
    for (const step of [0, 5, 10, 10, 15]) addPicture(samples, step, picture(step))
    assert.deepStrictEqual(samples.steps, [0, 5, 10, 15])
    forgetAfter(samples, 10)
    assert.deepStrictEqual(samples.steps, [0, 5, 10])
    assert.strictEqual(samples.pictures.length, 3)
  })
})

describe("noise to look at", () => {
  const place = { class: 3, from: 1, to: 2, t: 0, number: 5, changed: undefined }
  const told = { shape: [64], size: 64, classes: ["a", "b", "c", "d"] }
  const asked = (now: typeof place | { readonly changed: number }, places: ReadonlyArray<number>) =>
    onTheWay({ ...place, ...now }, places, told) as { readonly x: NdArray.NdArray; readonly y: NdArray.NdArray }

  it("leads from one point to the other, with one number as it was set", () => {
    const { x, y } = asked(place, [0, 1]), back = asked({ ...place, from: 2, to: 1 }, [1, 0])
    assert.deepStrictEqual(Array.from(y.data), [3, 3])
    assert.deepStrictEqual(x.shape, [2, 64])
    x.data.forEach((value, i) => assert.closeTo(value, back.x.data[i]!, 1e-6))
    const set = asked({ changed: 2.5 }, [0, 1])
    x.data.forEach((value, i) => assert.strictEqual(set.x.data[i], i % 64 === 5 ? 2.5 : value))
    assert.strictEqual(numberAt({ ...place, changed: 2.5 }, told), 2.5)
  })

  it("has the shape that the summary of a generator tells, and classes where it is told one", () => {
    const row = {
      path: "a",
      depth: 0,
      name: "a",
      isGroup: false,
      output: [1],
      parameters: 0,
      bytes: 0,
      multiplyAdds: 0
    }
    const of = (
      input: { readonly x: ReadonlyArray<number>; readonly y: ReadonlyArray<number> } | ReadonlyArray<number>
    ) =>
      noiseOf({
        classes: ["a", "b"],
        networks: { generator: { parameters: 0, bytes: 0, multiplyAdds: 0, rows: [{ ...row, input }] } }
      })
    assert.deepStrictEqual(of([4, 4, 2]), { shape: [4, 4, 2], size: 32, classes: [] })
    assert.deepStrictEqual(of({ x: [8], y: [] }), { shape: [8], size: 8, classes: ["a", "b"] })
    assert.isUndefined(noiseOf({ classes: [], networks: {} }))
    const noise = onTheWay(place, [0.5], { shape: [4, 4, 2], size: 32, classes: [] })
    assert.deepStrictEqual((noise as NdArray.NdArray).shape, [1, 4, 4, 2])
  })
})
