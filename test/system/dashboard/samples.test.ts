import { assert, describe, it } from "@effect/vitest"
import { NdArray } from "effect-neuron"
import { gridOf, onTheWay, toPicture } from "../../../dashboard/app/generate/latent.ts"
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
  const place = { digit: 3, from: 1, to: 2, t: 0, number: 5, changed: undefined }

  it("is the same in a row of the grid for all digits, and at each step of a run", () => {
    const { x, y } = gridOf(7)
    assert.deepStrictEqual(x.shape, [50, 64])
    assert.deepStrictEqual(Array.from(y.data.subarray(10, 20)), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9])
    assert.deepStrictEqual(x.data.subarray(0, 64), x.data.subarray(9 * 64, 10 * 64))
    assert.notDeepEqual(x.data.subarray(0, 64), x.data.subarray(10 * 64, 11 * 64))
    assert.deepStrictEqual(gridOf(7), gridOf(7))
    assert.notDeepEqual(gridOf(8).x, x)
  })

  it("leads from one point to the other, with one number as it was set", () => {
    const { x, y } = onTheWay(place, [0, 1]), back = onTheWay({ ...place, from: 2, to: 1 }, [1, 0])
    assert.deepStrictEqual(Array.from(y.data), [3, 3])
    x.data.forEach((value, i) => assert.closeTo(value, back.x.data[i]!, 1e-6))
    const set = onTheWay({ ...place, changed: 2.5 }, [0, 1])
    x.data.forEach((value, i) => assert.strictEqual(set.x.data[i], i % 64 === 5 ? 2.5 : value))
  })

  it("becomes a picture of bytes", () => {
    const images = NdArray.make(Float32Array.of(-1, 1), [2, 1, 1, 1])
    const { data, height, width } = toPicture(images, 2)
    assert.deepStrictEqual([height, width, data.length], [5, 8, 40])
    assert.deepStrictEqual(Array.from(data.subarray(16, 24)), [0, 0, 0, 0, 0, 255, 0, 0])
  })
})
