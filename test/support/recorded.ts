import { Images, Metrics, NdArray } from "effect-neuron"
import type { Experiment } from "effect-neuron"
import type { JudgedLine } from "../../src/experiment/report/judgments.ts"
import type { Line, Recorded } from "../../src/experiment/report/record.ts"
import type { Tested } from "../../src/experiment/report/tested/tested.ts"

/** A run for a report, with some of it changed. */
export const recorded = (run: Partial<Recorded["run"]> = {}, rest: Partial<Recorded> = {}): Recorded => ({
  name: "a run",
  run: {
    ...{ format: 1, experiment: "mine", kind: "other", state: "finished", step: 6, steps: 6 },
    ...{ created: "2026-01-02T03:04:05.678Z", updated: "2026-01-02T03:05:05.678Z" },
    ...{ config: { learningRate: 0.003 }, versions: { "effect-neuron": "0.1.0", node: "v24" } },
    ...run
  },
  ...{ train: [], others: {}, pictures: [], drawn: 0, texts: [], written: 0 },
  ...rest
})

/** Lines of a split, one for each step from 1 on. */
export const linesOf = (
  steps: number,
  measured: (step: number) => { readonly [name: string]: unknown },
  split = "train"
): ReadonlyArray<Line> => Array.from({ length: steps }, (_, i) => ({ split, step: i + 1, size: 4, ...measured(i + 1) }))

/** A classifier's, of two epochs of three steps, the last batch of each half as large. */
export const supervised = (run: Partial<Recorded["run"]> = {}, rest: Partial<Recorded> = {}, steps = 6): Recorded =>
  recorded({ kind: "supervised", state: "tested", step: steps, classes: ["<zero>", "one"], ...run }, {
    train: linesOf(steps, (step) => ({
      epoch: Math.floor((step - 1) / 3),
      size: step % 3 === 0 ? 2 : 4,
      loss: 2 / step,
      accuracy: (step - 1) / 8
    })),
    ...rest
  })

const pixels = { data: Uint8Array.of(0, 1, 2, 3), shape: [2, 2, 1] }

/** Its test: four examples, one of which was told wrong. */
export const classified: Required<Tested> = {
  figures: { loss: 0.25, accuracy: 0.75, size: 4 },
  examined: {
    ...{ step: 6, size: 4, losses: Float32Array.of(0.25, 0.25, 0.25, 0.25) },
    worst: [{
      ...{ index: 3, x: pixels, y: NdArray.index(1), loss: Math.log(8) },
      prediction: NdArray.make([Math.log(7), 0], [2])
    }],
    matrix: Metrics.confusionMatrix(
      NdArray.make([1, 0, 1, 0, 0, 1, 1, 0], [4, 2]),
      NdArray.make(Int32Array.of(0, 0, 1, 1), [4])
    )
  }
}

/** A test of what gives one number for a row of two. */
export const regressed: Experiment.Examined = {
  ...{ step: 6, size: 4, losses: Float32Array.of(0, 1, 4, 9) },
  targets: Float32Array.of(1, 2, 3, 4),
  predictions: Float32Array.of(1, 3, 5, 1),
  worst: [3, 2].map((index) => ({
    index,
    x: NdArray.make([index, 0.5], [2]),
    y: NdArray.make([index + 1], [1]),
    prediction: NdArray.make([index === 3 ? 1 : 5], [1]),
    loss: index === 3 ? 9 : 4
  }))
}

export const rows: Experiment.Show = {
  input: { kind: "row", names: ["rooms", "distance"] },
  target: { kind: "row", names: ["price"] }
}

/** A test of examples that are looked at in some way. */
export const looked = (
  x: NdArray.HostTree,
  y: NdArray.HostTree,
  prediction: NdArray.HostTree
): Experiment.Examined => ({
  ...{ step: 6, size: 2, losses: Float32Array.of(1, 2) },
  worst: [{ index: 1, x, y, prediction, loss: 2 }]
})

export const png = Images.encodePng(NdArray.make(Uint8Array.of(0, 255, 255, 0, 0, 255), [2, 3, 1]))

export const judgedAt = (step: number): JudgedLine => ({
  ...{ split: "judged", step, images: 8, frechetDistance: 64 / (step + 1), frechetFloor: 2.5 },
  ...{ counts: [step, 8 - step], present: step === 0 ? 1 : 2, entropy: step / 10, confidence: 0.5, asAsked: step / 8 }
})

/** A generator's and a critic's, that a classifier has judged twice. */
export const adversarial = (run: Partial<Recorded["run"]> = {}, rest: Partial<Recorded> = {}): Recorded =>
  recorded({ kind: "adversarial", seconds: { train: 61.4 }, config: { conditional: true }, ...run }, {
    train: linesOf(6, (step) => ({
      ...{ size: 8, criticLoss: 3 - step, generatorLoss: (step - 1) / 4, gradientPenalty: 1 / step },
      ...{ realScore: step - 1, fakeScore: (1 - step) / 2, criticGradientNorm: step, generatorGradientNorm: 2 }
    })),
    others: { judged: [0, 4].map((step) => Object.assign({ size: 1 }, judgedAt(step))) },
    pictures: [0, 6].map((step) => ({ step, png, width: 3, height: 2 })),
    drawn: 2,
    ...rest
  })
