import { adversarial } from "../../gan/config.ts"
import { curve } from "../curve.ts"
import { stepsFigure } from "../facts.ts"
import type { Figure } from "../facts.ts"
import { count, duration, percent } from "../numbers.ts"
import { page } from "../page.ts"
import { curves } from "./curves.ts"
import { judgments } from "./judgments.ts"
import type { AdversarialRecord, JudgedLine, StepLine } from "./record.ts"
import { samples } from "./samples.ts"

/** A loss is of the last of so many stretches of the run: that of a single step says little. */
const STRETCHES = 10

/** The report of an adversarial run. */
export const adversarialPage = (record: AdversarialRecord): string => {
  const { run: { config }, train } = record
  return page({
    ...{ record, command: adversarial.command, train },
    about: `${config.conditional ? "conditional " : ""}${config.model} by ${config.loss} on ${config.dataset}`,
    figures: figuresOf(record),
    sections: [samples(record), judgments(record), curves(record)]
  })
}

const figuresOf = (record: AdversarialRecord): ReadonlyArray<Figure | undefined> => {
  const { judged, run: { config: { batchSize, criticSteps }, seconds }, train } = record, last = judged.at(-1)
  const batches = criticSteps === 1 ? `a batch of ${count(batchSize)}` : `${criticSteps} batches of ${count(batchSize)}`
  return [
    ...(last === undefined ? lossFigures(train) : judgedFigures(last)),
    stepsFigure(record, train, `${batches} each`),
    seconds && ["training time", duration(seconds.train), "with the pictures"]
  ]
}

const judgedFigures = (
  { asAsked, confidence, counts, frechetDistance, frechetFloor, present, step }: JudgedLine
): ReadonlyArray<Figure | undefined> => [
  ["Fréchet distance", frechetDistance.toFixed(2), `real images ${frechetFloor.toFixed(2)}, step ${count(step)}`],
  ["classes drawn", `${present} of ${counts.length}`, `confidence ${confidence.toFixed(3)}`],
  asAsked === undefined ? undefined : ["as asked", percent(asAsked, 1), "images of the class asked for"]
]

const lossFigures = (train: ReadonlyArray<StepLine>): ReadonlyArray<Figure | undefined> =>
  (["critic", "generator"] as const).map((name) => {
    const last = curve(train, (line) => line[`${name}Loss`], STRETCHES).at(-1)
    return last && [
      `${name} loss`,
      last.mean.toFixed(4),
      last.from === last.to ? `at step ${count(last.to)}` : `mean of steps ${count(last.from)} to ${count(last.to)}`
    ]
  })
