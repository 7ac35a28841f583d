import { assert, describe, it } from "@effect/vitest"
import type { Distribution, Distributions } from "effect-neuron/remote"
import { serialize } from "node:v8"
import { heatOf } from "../../../dashboard/app/layers/heat.ts"
import { addLook, LIMIT, noLooks } from "../../../dashboard/app/layers/looks.ts"
import { distributionOf } from "../../../src/remote/distributions.ts"

const column = ({ columns, rows, shares }: ReturnType<typeof heatOf>, at: number) =>
  Array.from({ length: rows }, (_, row) => shares[row * columns + at]!)

describe("distributions over time as a picture", () => {
  it("have the greatest values on top, on one axis for all of them", () => {
    const heat = heatOf([distributionOf([0, 0, 0, 0])!, distributionOf([2, 2, 2, 2])!], 4)
    assert.deepStrictEqual([heat.low, heat.high], [0, 2])
    assert.deepStrictEqual(column(heat, 0), [0, 0, 0, 1])
    assert.deepStrictEqual(column(heat, 1), [1, 0, 0, 0])
  })

  it("spread a range over the rows that it covers", () => {
    const even = distributionOf(Array.from({ length: 3000 }, (_, i) => i))!
    for (const rows of [7, 30, 100]) {
      for (const share of column(heatOf([even], rows), 0)) assert.closeTo(share, 1, 1e-3)
    }
    // Twice as wide is half as dark, as roots are.
    const narrow = distributionOf(Array.from({ length: 1000 }, (_, i) => i / 2))!
    const [wide] = column(heatOf([distributionOf(Array.from({ length: 1000 }, (_, i) => i))!, narrow], 10), 0)
    assert.closeTo(wide!, Math.sqrt(0.5), 1e-2)
  })

  it("leave out what is far from the rest, and are never less than nothing", () => {
    const values = Array.from({ length: 10_000 }, (_, i) => Math.sin(i)), outlier = distributionOf([...values, 1e3])!
    const heat = heatOf([outlier, distributionOf(values)!], 20)
    assert.isBelow(heat.high, 100)
    assert.isTrue(heat.shares.every((share) => share >= 0 && share <= 1))
    assert.deepStrictEqual(column(heatOf([distributionOf([5])!], 3), 0), [0, 0, 1])
  })
})

const structuredSize = (value: unknown): number => serialize(value).length

describe("how a training looks from inside", () => {
  const found = (values: ReadonlyArray<number>, more: Partial<Distribution> = {}): Distribution =>
    Object.assign({}, distributionOf(values), more)
  const look = (step: number, steps: number): Distributions => ({
    step,
    steps,
    weights: { "hidden.kernel": found([1, 2], steps > 0 ? { change: 0.1 * steps } : {}) },
    gradients: {},
    activations: {
      flat: found([0, 1], { dead: 0.5 }),
      hidden: found([1, 2], { dead: 0 }),
      relu: found([0, 2], { dead: 0.25 })
    }
  })

  it("is kept with the change of weights in a step, and the dead units of layers that learn", () => {
    const looks = noLooks()
    addLook(looks, look(10, 0))
    addLook(looks, look(14, 4))
    assert.deepStrictEqual(looks.change.steps, [14])
    assert.closeTo(looks.change.values["hidden.kernel"]![0]!, 0.1, 1e-12)
    assert.deepStrictEqual(looks.dead.values, { relu: [0.25, 0.25] })
    assert.isUndefined(looks.all[0]!.activations["flat"]!.dead)
  })

  it("is kept to its last look, in bounded memory", () => {
    const looks = noLooks()
    for (let i = 1; i <= 10 * LIMIT; i++) {
      addLook(looks, look(7 * i, 7))
      assert.isAtMost(looks.all.length, LIMIT)
      assert.strictEqual(looks.all.at(-1)!.step, 7 * i)
    }
    const steps = looks.all.map(({ step }) => step)
    assert.isAbove(steps.length, LIMIT / 4)
    assert.strictEqual(steps[0], 7)
    assert.deepStrictEqual(steps, steps.toSorted((a, b) => a - b))
  })

  it("has fewer looks of a network of many layers", () => {
    const looks = noLooks(), one = found([1, 2])
    const many = (step: number) => ({
      ...look(step, 1),
      gradients: Object.fromEntries(Array.from({ length: 200 }, (_, i) => [`layer ${i}`, one]))
    })
    for (let i = 1; i <= 100; i++) addLook(looks, many(i))
    // 204 distributions in each, 3,000 in all.
    assert.isAtMost(looks.all.length, 14)
    assert.isAtLeast(looks.all.length, 7)
    assert.isBelow(structuredSize(looks), 1e6)
  })

  it("forgets what is trained again", () => {
    const looks = noLooks()
    for (const step of [10, 20, 30]) addLook(looks, look(step, 10))
    addLook(looks, look(15, 0))
    assert.deepStrictEqual(looks.all.map(({ step }) => step), [10, 15])
    assert.deepStrictEqual(looks.change.steps, [10])
  })
})
