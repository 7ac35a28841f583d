import { assert, describe, it } from "@effect/vitest"
import { Effect, Stream } from "effect"
import { Train } from "effect-neuron"

const monitor = (value: number) => value

describe("early stopping", () => {
  const stop = (
    options: { patience: number; minDelta?: number; mode?: "min" | "max" },
    values: ReadonlyArray<number>
  ) => Stream.fromIterable(values).pipe(Train.earlyStopping({ monitor, ...options }), Stream.runCollect, Effect.runSync)

  it("stops at the element that uses up the patience", () => {
    assert.deepStrictEqual(stop({ patience: 1 }, [3, 2, 2, 1]), [3, 2, 2])
    assert.deepStrictEqual(stop({ patience: 2 }, [3, 4, 2, 2.5, 2, 1]), [3, 4, 2, 2.5, 2])
    assert.deepStrictEqual(stop({ patience: 3 }, [3, 2, 1]), [3, 2, 1])
  })

  it("counts an improvement only from minDelta on", () => {
    assert.deepStrictEqual(stop({ patience: 2, minDelta: 0.5 }, [3, 2.8, 2.6, 2.4]), [3, 2.8, 2.6])
    assert.deepStrictEqual(stop({ patience: 2, minDelta: 0.5 }, [3, 2.8, 2.4, 2.3, 1]), [3, 2.8, 2.4, 2.3, 1])
  })

  it("takes a maximum, and a NaN as no improvement", () => {
    assert.deepStrictEqual(stop({ patience: 2, mode: "max" }, [0.5, 0.6, 0.6, 0.55, 0.9]), [0.5, 0.6, 0.6, 0.55])
    assert.deepStrictEqual(stop({ patience: 2 }, [NaN, NaN, 1]), [NaN, NaN])
  })

  it("does not count an element without a value, and is called with its stream first too", () => {
    const values = [3, undefined, 4, undefined, undefined, 3.5, 1]
    const stopped = Train.earlyStopping(Stream.fromIterable(values), { monitor: (value) => value, patience: 2 })
    assert.deepStrictEqual(Effect.runSync(Stream.runCollect(stopped)), values.slice(0, 6))
    const below = Train.stopBelow(Stream.fromIterable(values), { monitor: (value) => value, threshold: 3.5, window: 2 })
    assert.deepStrictEqual(Effect.runSync(Stream.runCollect(below)), values.slice(0, 3))
  })

  it("asks for no element after the one it stopped at", () => {
    const pulled: Array<number> = []
    Stream.fromIterable([1, 1, 1, 1], { chunkSize: 1 }).pipe(
      Stream.tap((value) => Effect.sync(() => pulled.push(value))),
      Train.earlyStopping({ monitor, patience: 1 }),
      Stream.runDrain,
      Effect.runSync
    )
    assert.strictEqual(pulled.length, 2)
  })

  it("starts anew each time the stream is run", () => {
    const stream = Train.earlyStopping(Stream.make(2, 1, 1), { monitor, patience: 1 })
    assert.deepStrictEqual(Effect.runSync(Stream.runCollect(stream)), Effect.runSync(Stream.runCollect(stream)))
  })

  it("refuses a patience that is no positive integer, a change that is no number, and other modes", () => {
    const refused = (options: object) => () => Train.earlyStopping({ monitor, patience: 1, ...options })
    assert.throws(refused({ minDelta: NaN }), RangeError, "earlyStopping: minDelta is a finite number, got NaN")
    assert.throws(
      refused({ mode: "maximum" }),
      RangeError,
      "earlyStopping: mode is \"min\" or \"max\", got \"maximum\""
    )
    assert.throws(() => Train.earlyStopping({ monitor, patience: 0 }), /patience is a positive integer, got 0/)
  })
})

describe("stopBelow", () => {
  it("refuses a threshold that is no number", () => {
    const refused = () => Train.stopBelow({ monitor, threshold: NaN })
    assert.throws(refused, RangeError, "stopBelow: threshold is a finite number, got NaN")
  })

  const stop = (options: { threshold: number; window?: number }, values: ReadonlyArray<number>) =>
    Effect.runSync(Stream.runCollect(Train.stopBelow(Stream.fromIterable(values), { monitor, ...options })))

  it("stops when the mean of the window is at the threshold", () => {
    assert.deepStrictEqual(stop({ threshold: 2, window: 2 }, [3, 2, 2, 1]), [3, 2, 2])
    assert.deepStrictEqual(stop({ threshold: 2, window: 1 }, [3, 2, 1]), [3, 2])
  })

  it("waits for a whole window, by default of five", () => {
    assert.deepStrictEqual(stop({ threshold: 1 }, [0, 0, 0, 0, 0, 0]), [0, 0, 0, 0, 0])
    assert.deepStrictEqual(stop({ threshold: 1, window: 3 }, [0, 0]), [0, 0])
  })
})
