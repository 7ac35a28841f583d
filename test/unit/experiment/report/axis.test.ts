import { assert, describe, it } from "@effect/vitest"
import { linearAxis, logAxis, measureAxis, ratioAxis, roomyAxis } from "../../../../src/experiment/report/axis.ts"
import { curve, pointsOf } from "../../../../src/experiment/report/curve.ts"
import { epochs, stretches } from "../../../../src/experiment/report/epochs.ts"
import { duration, number, percent, short, tick, words } from "../../../../src/experiment/report/numbers.ts"
import { spread } from "../../../../src/experiment/report/spread.ts"

describe("axes", () => {
  it("of equal differences have ticks at round values", () => {
    assert.deepStrictEqual(linearAxis(0, 938).ticks, [0, 200, 400, 600, 800])
    assert.deepStrictEqual(linearAxis(0.1, 1).ticks, [0.2, 0.4, 0.6, 0.8, 1])
    assert.deepStrictEqual(linearAxis(0.9, 1).ticks, [0.9, 0.92, 0.94, 0.96, 0.98, 1])
    assert.deepStrictEqual(linearAxis(0, 3).ticks, [0, 1, 2, 3])
    assert.strictEqual(linearAxis(2, 4).at(2.5), 0.25)
    assert.strictEqual(linearAxis(3, 3).at(3), 0)
  })

  it("of equal ratios have ticks at 1, 2 and 5, or at powers of ten, or as the others have", () => {
    assert.deepStrictEqual(logAxis(0.03, 2.5).ticks, [0.05, 0.1, 0.2, 0.5, 1, 2])
    assert.deepStrictEqual(logAxis(1e-5, 3).ticks, [1e-5, 1e-4, 1e-3, 0.01, 0.1, 1])
    assert.deepStrictEqual(logAxis(2.1, 2.35).ticks, [2.1, 2.2, 2.3])
    assert.deepStrictEqual(logAxis(1e-16, 1).ticks.map(Math.log10), [-16, -13, -10, -7, -4, -1])
    assert.closeTo(logAxis(0.01, 100).at(1), 0.5, 1e-12)
  })

  it("fit the values that they are for", () => {
    assert.deepStrictEqual([ratioAxis([1, 10]), ratioAxis([0, 10]), ratioAxis([1, 1])].map(({ scale }) => scale), [
      ...["logarithmic", "linear", "linear"]
    ])
    const both = roomyAxis([-3, 1])
    assert.deepStrictEqual([both.scale, both.at(-3.2), both.at(1.2)], ["linear", 0, 1])
    assert.deepStrictEqual(both.ticks, [-3, -2, -1, 0, 1])
    assert.isTrue(roomyAxis([2, 2]).ticks.length > 1)
    assert.deepStrictEqual([measureAxis([0.5, 1]), measureAxis([-0.5, 1])].map(({ scale }) => scale), [
      ...["logarithmic", "linear"]
    ])
  })
})

describe("curves", () => {
  const lines = Array.from({ length: 938 }, (_, i) => ({
    ...{ split: "train", step: i + 1, epoch: i < 500 ? 0 : 1, accuracy: 0.5 },
    size: i === 937 ? 1 : 4,
    loss: i
  }))

  it("have at most 200 points, with every step in one of them", () => {
    const bins = curve(lines, ({ loss }) => loss)
    assert.lengthOf(bins, 188)
    assert.deepStrictEqual(bins[0], { from: 1, to: 5, step: 3, mean: 2, low: 0, high: 4 })
    const mean = (4 * 935 + 4 * 936 + 937) / 9
    assert.deepStrictEqual(bins.at(-1), { from: 936, to: 938, step: 937, mean, low: 935, high: 937 })
    assert.strictEqual(pointsOf(lines.length), "the mean of 5 steps, and their extremes as a band")
    assert.lengthOf(curve(lines.slice(0, 200), ({ accuracy }) => accuracy), 200)
    assert.strictEqual(pointsOf(200), "every step")
    assert.lengthOf(curve(lines, ({ loss }) => loss, 10), 10)
    assert.deepStrictEqual(epochs(lines).map(({ epoch, lines }) => [epoch, lines[0]!.step, lines.at(-1)!.step]), [
      [1, 1, 500],
      [2, 501, 938]
    ])
    assert.deepStrictEqual(epochs([{ split: "train", step: 1, size: 1 }]), [])
    assert.deepStrictEqual(stretches(lines, 3).map(({ lines }) => lines.length), [313, 313, 312])
  })
})

describe("some of many", () => {
  it("are the first, the last and those at equal distances", () => {
    const all = Array.from({ length: 16 }, (_, i) => i)
    assert.deepStrictEqual(spread(all, 8), [0, 2, 4, 6, 9, 11, 13, 15])
    assert.deepStrictEqual(spread(all, 16), all)
    assert.deepStrictEqual(spread(all, 2), [0, 15])
    assert.deepStrictEqual(spread([], 8), [])
    for (let n = 9; n < 60; n++) assert.lengthOf(new Set(spread(Array.from({ length: n }, (_, i) => i), 8)), 8)
  })
})

describe("numbers for people", () => {
  it("are short, and a ratio that is none is a dash", () => {
    assert.deepStrictEqual([0.04, 59.94, 59.97, 192.4, 7499].map(duration), [
      ...["40 ms", "59.9 s", "1 min 0 s", "3 min 12 s", "2 h 4 min"]
    ])
    assert.deepStrictEqual([0.0408, 12.345, 1234.56, 3.2e-7, 0, -0.5, NaN].map(number), [
      ...["0.0408", "12.35", "1,234.6", "3.20e-7", "0.0000", "-0.5000", "–"]
    ])
    assert.deepStrictEqual([3, 0.125, 1 / 3, 1e-5, 1e8, 123456].map(short), [
      ...["3", "0.125", "0.3333", "1.00e-5", "1.00e8", "123,456"]
    ])
    assert.deepStrictEqual([0.5, 20_000, 1e-7, 0].map(tick), ["0.5", "20,000", "1e-7", "0"])
    assert.deepStrictEqual(["learningRate", "val_loss", "layers.conv1", "realFID"].map(words), [
      ...["learning rate", "val loss", "layers.conv1", "real FID"]
    ])
    assert.deepStrictEqual([percent(0.98676), percent(1, 0), percent(NaN)], ["98.68 %", "100 %", "–"])
  })
})
