import { assert, describe, it } from "@effect/vitest"
import { axisLabel, placesOf } from "../../../dashboard/app/charts/axis.ts"
import { csvOf } from "../../../dashboard/app/charts/csv.ts"
import { definitionOf, metricOf, metricsOf } from "../../../dashboard/app/charts/definitions.ts"
import { courseOf, figuresOf } from "../../../dashboard/app/charts/figures.ts"
import { actionOf, placeAfter } from "../../../dashboard/app/charts/keys.ts"
import { numberLabel, timeLabel } from "../../../dashboard/app/charts/labels.ts"
import { linesOf } from "../../../dashboard/app/charts/lines.ts"
import { asSeen, pinch, within, zoomAt } from "../../../dashboard/app/charts/ranges.ts"
import { entriesAt, sentence } from "../../../dashboard/app/charts/readings.ts"
import { countOff, rangeOf } from "../../../dashboard/app/charts/robust.ts"
import { styleOf } from "../../../dashboard/app/charts/style.ts"
import { extentOf, tableOf } from "../../../dashboard/app/charts/table.ts"
import { moved } from "../../../dashboard/app/charts/touch.ts"
import { append, empty } from "../../../dashboard/app/state/series.ts"

const seriesOf = (lines: ReadonlyArray<{ readonly step: number; readonly [name: string]: number }>) => {
  const series = empty()
  for (const { step, ...values } of lines) append(series, step, values)
  return series
}

const runOf = (
  name: string,
  train: Parameters<typeof seriesOf>[0],
  test: Parameters<typeof seriesOf>[0] = [],
  color = 0,
  created = 0
) => ({ id: name, name, color, created, train: seriesOf(train), others: { validation: seriesOf(test) } })

const look = { axis: "step", smoothing: 0 } as const

describe("which charts there are", () => {
  it("is what the runs have measured, known names first and in their order", () => {
    const runs = [
      runOf("a", [{ step: 1, zeal: 3, accuracy: 0.5, epoch: 1, time: 0.1 }], [{ step: 1, zest: 2 }]),
      runOf("b", [{ step: 1, loss: 2, val_loss: 3, learningRate: 0.1, penalty: 0 }])
    ]
    assert.deepStrictEqual(metricsOf(runs), ["loss", "accuracy", "learningRate", "zeal", "zest"])
  })

  it("puts validation beside training, whatever it is called", () => {
    for (const name of ["val_loss", "valLoss", "validation_loss", "validationLoss", "eval/loss"]) {
      assert.deepStrictEqual(metricOf(name), { metric: "loss", isValidation: true })
    }
    for (const name of ["loss", "value", "evaluations", "validity"]) {
      assert.deepStrictEqual(metricOf(name), { metric: name, isValidation: false })
    }
    const run = runOf("a", [{ step: 1, loss: 2, val_loss: 3 }], [{ step: 1, loss: 4 }])
    assert.deepStrictEqual(
      linesOf({ id: "loss" }, [run], look).map(({ values, what }) => [what, values]),
      [["training", [2]], ["validation", [3]], ["validation", [4]]]
    )
    const tested = { ...run, others: { ...run.others, test: seriesOf([{ step: 1, loss: 5 }]) } }
    assert.deepStrictEqual(linesOf({ id: "loss" }, [tested], look).map(({ what }) => what).at(-1), "test")
    assert.deepStrictEqual(figuresOf(tested).slice(1), [["validation loss", "4"], ["test loss", "5"]])
  })

  it("knows in which direction a metric becomes better, of unknown ones by their names", () => {
    const better = (name: string) => definitionOf(name).better
    assert.deepStrictEqual(["loss", "accuracy", "reconstruction_error", "meanIou", "zeal"].map(better), [
      "lower",
      "higher",
      "lower",
      "higher",
      undefined
    ])
    assert.strictEqual(definitionOf("examplesPerSecond").title, "Throughput")
    assert.strictEqual(definitionOf("reconstruction_error").title, "Reconstruction error")
    assert.strictEqual(definitionOf("zealOfA").title, "Zeal of A")
  })

  it("has figures of the same metrics at a glance: losses, validation, speed", () => {
    const classifier = runOf("a", [{ step: 1, loss: 2, accuracy: 0.5, learningRate: 1, examplesPerSecond: 1234.5 }], [
      { step: 1, loss: 3, accuracy: 0.25 }
    ])
    assert.deepStrictEqual(figuresOf(classifier), [
      ["loss", "2"],
      ["validation loss", "3"],
      ["validation accuracy", "25.0 %"],
      ["examples/s", "1,235"]
    ])
    const generator = runOf("b", [{ step: 1, criticLoss: 1, generatorLoss: 2 }], [{ step: 1, slicedWasserstein: 0.5 }])
    assert.deepStrictEqual(figuresOf(generator), [
      ["generator loss", "2"],
      ["critic loss", "1"],
      ["sliced Wasserstein distance", "0.5"]
    ])
    assert.deepStrictEqual(figuresOf(runOf("c", [])), [])
  })

  it("says how far a run is, and what time is left by how fast it is of late", () => {
    // A second for each step, then, from step 10 on, a tenth of one.
    const timed = runOf(
      "a",
      Array.from({ length: 400 }, (_, i) => ({ step: i + 1, time: Math.min(i + 1, 10 + (i - 9) / 10) }))
    )
    const length = { steps: 1000, stepsPerEpoch: 300 }
    assert.deepStrictEqual(courseOf(timed, length, true), [
      ["step", "400 of 1,000"],
      ["epoch", "2 of 4"],
      ["time left", "1 min 0 s"]
    ])
    assert.deepStrictEqual(courseOf(timed, length, false).map(([name]) => name), ["step", "epoch"])
    assert.deepStrictEqual(courseOf(timed, undefined, true), [["step", "400"]])
    const over = courseOf(timed, { steps: 400, stepsPerEpoch: 400 }, true)
    assert.deepStrictEqual(over, [["step", "400 of 400"], ["epoch", "1 of 1"]])
    const first = runOf("b", [{ step: 1, time: 1 }])
    assert.deepStrictEqual(courseOf(first, length, true), [["step", "1 of 1,000"], ["epoch", "1 of 4"]])
  })

  it("has a dash of its own for each run of one color", () => {
    const runs = Array.from({ length: 15 }, (_, i) => runOf(`${i}`, [{ step: 1, loss: 1 }], [], i % 7, i))
    const looks = runs.map((run) => `${run.color} ${styleOf(run, runs).training.join()}`)
    assert.strictEqual(new Set(looks).size, 15)
    assert.deepStrictEqual(styleOf(runs[3]!, runs).training, [])
  })
})

describe("the x axis of a chart", () => {
  // Two epochs of four steps, and a half.
  const train = seriesOf(
    Array.from({ length: 10 }, (_, i) => ({ step: i + 1, epoch: Math.floor(i / 4), time: 0.5 * (i + 1) }))
  )

  it("has epochs where they are over, and parts of them in between", () => {
    const at = placesOf(train, "epoch")!
    assert.deepStrictEqual([0, 2, 4, 6, 8, 10].map(at), [0, 0.5, 1, 1.5, 2, 2.5])
    assert.isUndefined(placesOf(seriesOf([{ step: 1, epoch: 0 }, { step: 2, epoch: 0 }]), "epoch"))
    assert.strictEqual(placesOf(seriesOf([{ step: 1, epoch: 0 }]), "epoch", 4)!(2), 0.5)
  })

  it("has the time of steps at which another thing was measured", () => {
    const at = placesOf(train, "time")!
    assert.deepStrictEqual([0, 3, 3.5, 10].map(at), [0, 1.5, 1.75, 5])
    assert.isUndefined(placesOf(seriesOf([{ step: 1, loss: 1 }]), "time"))
    const run = { ...runOf("a", []), train, others: { validation: seriesOf([{ step: 4, loss: 7 }]) } }
    const [line] = linesOf({ id: "loss" }, [run], { axis: "time", smoothing: 0 })
    assert.deepStrictEqual([line!.xs, line!.values], [[2], [7]])
  })

  it("has whole labels, as precise as they are far from each other", () => {
    assert.strictEqual(axisLabel.step(100_000), "100,000")
    assert.strictEqual(numberLabel(100_000, 20_000), "100,000")
    assert.deepStrictEqual([1000.25, 1000.5].map((value) => numberLabel(value, 0.25)), ["1,000.25", "1,000.50"])
    assert.strictEqual(numberLabel(0.0002, 0.0001, 0.002), "0.0002")
    assert.strictEqual(numberLabel(0.00025, 0.00005), "2.5e-4")
    assert.strictEqual(numberLabel(2e7, 1e7), "2e7")
    assert.strictEqual(numberLabel(-1.5, 0.5), "-1.5")
    assert.deepStrictEqual([4.53, 125, 3725].map(timeLabel), ["4.5 s", "2:05", "1:02:05"])
  })
})

describe("the scale of a chart", () => {
  const curve = Array.from({ length: 100 }, (_, i) => 1 + Math.sin(i))

  it("is that of all values, with some room", () => {
    const [low, high] = rangeOf(curve)!
    assert.isTrue(low < Math.min(...curve) && low > -0.2)
    assert.isTrue(high > Math.max(...curve) && high < 2.2)
    assert.strictEqual(countOff(curve, [low, high]), 0)
    assert.isUndefined(rangeOf([]))
    assert.deepStrictEqual(rangeOf([5]), [4.5, 5.5])
    assert.deepStrictEqual(rangeOf([0, 0]), [-1, 1])
    const [least, most] = rangeOf([0.01, 0.01 + 1e-17, 0.01 + 2e-17])!
    assert.closeTo(most - least, 0.002, 1e-9)
  })

  it("leaves out an outlier that would flatten the rest, of few values too, unless all are asked for", () => {
    for (const outlier of [1e5, -1e5]) {
      const values = [...curve, outlier], range = rangeOf(values)!
      assert.strictEqual(countOff(values, range), 1)
      assert.isBelow(range[1] - range[0], 5)
      assert.strictEqual(countOff(values, rangeOf(values, { all: true })!), 0)
    }
    assert.strictEqual(countOff([1, 2, 3, 4, 1000], rangeOf([1, 2, 3, 4, 1000])!), 1)
  })

  it("keeps the beginning of a loss that falls", () => {
    const loss = Array.from({ length: 1000 }, (_, i) => 0.05 + 2.3 * Math.exp(-i / 40))
    assert.strictEqual(countOff(loss, rangeOf(loss)!), 0)
  })

  it("measures distances as a logarithmic axis shows them", () => {
    const decades = Array.from({ length: 50 }, (_, i) => 10 ** (-i / 10))
    assert.strictEqual(countOff(decades, rangeOf(decades, { logarithmic: true })!), 0)
    const values = [...decades, 1e-200], range = rangeOf(values, { logarithmic: true })!
    assert.strictEqual(countOff(values, range), 1)
    assert.isTrue(range[0] > 0 && range[0] < 10 ** -4.9)
  })
})

describe("what is drawn of lines", () => {
  const line = { of: "a", what: "training", color: 0, dash: [] }

  it("is one table by x, without what has no place", () => {
    const lines = [{ ...line, xs: [1, 3], values: [2, -1] }, { ...line, xs: [2, 3], values: [NaN, 5] }]
    const { data: table, values } = tableOf(lines, true)
    assert.deepStrictEqual(Array.from(table[0]), [1, 2, 3])
    assert.deepStrictEqual([table[1]![0], table[1]![2]], [2, null])
    assert.deepStrictEqual([table[2]![1], table[2]![2]], [null, 5])
    assert.deepStrictEqual(values, [2, 5])
    assert.deepStrictEqual(tableOf(lines, true, [2, 3]).values, [5])
    assert.deepStrictEqual(extentOf(lines), [1, 3])
    assert.isUndefined(extentOf([{ ...line, xs: [], values: [] }]))
  })

  it("has its scale by what was measured: an outlier stays one when it is smoothed", () => {
    const run = runOf("a", Array.from({ length: 50 }, (_, i) => ({ step: i + 1, loss: i === 25 ? 1e6 : 1 + i % 3 })))
    const lines = linesOf({ id: "loss" }, [run], { axis: "step", smoothing: 0.9 })
    assert.deepStrictEqual(lines.map(({ faint, isSmoothed }) => [faint, isSmoothed]), [[true, undefined], [
      undefined,
      true
    ]])
    const { values } = tableOf(lines, false)
    assert.lengthOf(values, 50)
    assert.isBelow(rangeOf(values)![1], 10)
  })
})

describe("zooming and moving a chart", () => {
  it("keeps the point around which it zooms, and stays within what there is", () => {
    assert.deepStrictEqual(zoomAt([0, 10], 2, 0.5), [1, 6])
    assert.deepStrictEqual(within([-2, 3], [0, 10]), [0, 5])
    assert.deepStrictEqual(within([8, 12], [0, 10]), [6, 10])
    assert.isUndefined(within([-1, 11], [0, 10]))
    const seen = asSeen(true, (range) => zoomAt(range, 0, 0.5))([0.01, 100])
    assert.closeTo(seen[0], 0.1, 1e-12)
    assert.closeTo(seen[1], 10, 1e-9)
  })

  it("keeps what is under two fingers under them", () => {
    const range = [100, 200] as const, from = [0.2, 0.4] as const, to = [0.1, 0.9] as const
    const [low, high] = pinch(range, from, to)
    from.forEach((finger, i) => assert.closeTo(low + to[i]! * (high - low), 100 + 100 * finger, 1e-9))
    // Fingers beside each other do not zoom the other axis, but move it.
    const level = pinch(range, [0.5, 0.51], [0.6, 0.61])
    assert.closeTo(level[0], 90, 1e-9)
    assert.closeTo(level[1], 190, 1e-9)
  })

  it("moves along x with one finger, and zooms with two", () => {
    const view = { x: [0, 10], y: [0, 1] } as const
    assert.deepStrictEqual(moved(view, [[0.5, 0.5]], [[0.3, 0.9]], false), { x: [2, 12], y: [0, 1] })
    const pinched = moved(view, [[0.25, 0.25], [0.75, 0.75]], [[0, 0], [1, 1]], false)
    assert.deepStrictEqual(pinched, { x: [2.5, 7.5], y: [0.25, 0.75] })
    assert.deepStrictEqual(moved(view, [], [], false), view)
  })

  it("has keys, which are the browser's with another one held down", () => {
    const press = (key: string, ctrlKey = false) => actionOf({ key, ctrlKey, metaKey: false, altKey: false })
    assert.deepStrictEqual(press("ArrowRight"), { kind: "move", by: 1 })
    assert.deepStrictEqual(press("ArrowUp"), { kind: "zoom", axis: "y", factor: 0.5 })
    assert.isUndefined(press("+", true))
    assert.isUndefined(press("x"))
    assert.deepStrictEqual(
      [[undefined, -1], [3, 20], [3, -Infinity], [0, 1]].map(([from, by]) => placeAfter(from, by!, 10)),
      [8, 9, 0, 1]
    )
  })
})

describe("reading a chart", () => {
  const runs = [
    runOf("a", [{ step: 1, loss: 3 }, { step: 2, loss: NaN }], [{ step: 1, loss: 5 }]),
    runOf("b", [{ step: 1, loss: 9 }], [{ step: 1, loss: 4 }]),
    runOf("c", [{ step: 2, loss: 1 }])
  ]
  const lines = linesOf({ id: "loss" }, runs, look)
  const order = (at: number | undefined, better?: "lower" | "higher") =>
    entriesAt(lines, at, better).map(({ of }) => of)

  it("has the best run on top, by its validation where it has one", () => {
    assert.deepStrictEqual(order(2, "lower"), ["c", "b", "a"])
    assert.deepStrictEqual(order(2, "higher"), ["a", "b", "c"])
    assert.deepStrictEqual(order(2), ["a", "b", "c"])
    // There was nothing of the third run yet.
    assert.deepStrictEqual(order(1, "lower"), ["b", "a", "c"])
  })

  it("says what was last known, and of which run where there are several", () => {
    assert.strictEqual(
      sentence(entriesAt(lines, 1, "lower")),
      "b training 9 · validation 4; a training 3 · validation 5; c training –"
    )
    assert.strictEqual(sentence(entriesAt(lines.slice(0, 2), 2)), "training 3 · validation 5")
  })

  it("gives a table of what was measured", () => {
    const named = runOf("x, \"y\"", [{ step: 1, loss: 0.1 }, { step: 2, loss: NaN }, { step: 3, loss: 1e-7 }], [
      { step: 2, loss: 4 }
    ])
    assert.strictEqual(
      csvOf(linesOf({ id: "loss" }, [named], look), "step"),
      "step,\"x, \"\"y\"\" training\",\"x, \"\"y\"\" validation\"\r\n1,0.1,\r\n2,,4\r\n3,1e-7,\r\n"
    )
  })
})
