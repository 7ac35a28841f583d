import { assert, describe, it } from "@effect/vitest"
import { Schedules } from "effect-neuron"
import { reference } from "../../support/reference.ts"

const { constant, cosine, exponential, step, warmup } = Schedules

describe("schedules", () => {
  const compared = [
    ["exponential", exponential, 30],
    ["step", step, 30],
    // The reference goes up again behind the end.
    ["cosine", cosine, 21]
  ] as const
  for (const [name, make, length] of compared) {
    it(`${name} has the values of the reference`, () => {
      const { config, values } = reference("schedules").find((one) => one.name === name)!
      const schedule = make(config)
      for (let i = 0; i < length; i++) assert.closeTo(schedule(i), values[i], 1e-15, `step ${i}`)
    })
  }

  it("cosine stays at its minimum", () => {
    const schedule = cosine({ base: 0.1, steps: 20, min: 0.001 })
    assert.deepStrictEqual([20, 21, 30, 1e9].map(schedule), [0.001, 0.001, 0.001, 0.001])
  })

  it("exponential counts by periods, smoothly or in stairs", () => {
    const options = { base: 1, gamma: 0.25, every: 4 }
    assert.deepStrictEqual([0, 2, 4, 8].map(exponential(options)), [1, 0.5, 0.25, 0.0625])
    const stairs = exponential({ ...options, staircase: true })
    assert.deepStrictEqual([0, 3, 4, 7, 8].map(stairs), [1, 1, 0.25, 0.25, 0.0625])
  })

  it("warmup hands over to the next schedule at its step 0", () => {
    const schedule = warmup({ steps: 2, from: 0.5, next: (n) => 1 + n })
    assert.deepStrictEqual([0, 1, 2, 3].map(schedule), [0.5, 0.75, 1, 2])
    const down = warmup({ steps: 2, from: 1, next: constant(0) })
    assert.deepStrictEqual([0, 1, 2, 3].map(down), [1, 0.5, 0, 0])
  })

  it("refuse arguments outside their range", () => {
    const refused: ReadonlyArray<readonly [() => unknown, string]> = [
      [() => constant(Infinity), "Schedules.constant: value is a finite number of at least 0, got Infinity"],
      [
        () => exponential({ base: -1, gamma: 0.5 }),
        "Schedules.exponential: base is a finite number of at least 0, got -1"
      ],
      [() => exponential({ base: 1, gamma: 0 }), "Schedules.exponential: gamma is a finite number above 0, got 0"],
      [
        () => exponential({ base: 1, gamma: 0.5, every: 0 }),
        "Schedules.exponential: every is a finite number above 0, got 0"
      ],
      [() => step({ base: 1, gamma: 0.5, stepSize: 1.5 }), "Schedules.step: stepSize is a positive integer, got 1.5"],
      [() => cosine({ base: 1, steps: 0 }), "Schedules.cosine: steps is a positive integer, got 0"],
      [
        () => cosine({ base: 1, steps: 5, min: NaN }),
        "Schedules.cosine: min is a finite number of at least 0, got NaN"
      ],
      [() => warmup({ steps: -1, next: constant(1) }), "Schedules.warmup: steps is a positive integer, got -1"],
      [
        () => warmup({ steps: 1, from: -1, next: constant(1) }),
        "Schedules.warmup: from is a finite number of at least 0, got -1"
      ]
    ]
    for (const [make, message] of refused) assert.throws(make, RangeError, message)
  })
})
