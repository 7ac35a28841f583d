import { words } from "../experiment/report/numbers.ts"

/** Whether a metric is a share of right answers, by its name. */
const isShare = (name: string): boolean => /accuracy|precision|recall|f1$/i.test(name)

/** A number of a metric as a line shows it: `98.72 %` of an accuracy, `0.0408` of a loss. */
export const shown = (name: string, value: number): string =>
  isShare(name) && value >= 0 && value <= 1
    ? `${(100 * value).toFixed(2)} %`
    : Math.abs(value) >= 1e4 || (value !== 0 && Math.abs(value) < 1e-3)
    ? value.toExponential(3)
    : value.toFixed(4)

const course = new Set(["step", "epoch", "size", "examplesPerSecond", "time"])

/** The numbers among figures that say how good something is, the loss last. */
export const measuredIn = (figures: { readonly [name: string]: unknown }): ReadonlyArray<readonly [string, number]> =>
  Object.entries(figures)
    .filter((entry): entry is [string, number] => typeof entry[1] === "number" && !course.has(entry[0]))
    .toSorted(([a], [b]) => Number(a === "loss") - Number(b === "loss"))

/** Them in a sentence: `accuracy 98.72 %, loss 0.0408`. */
export const sentence = (figures: { readonly [name: string]: unknown }): string =>
  measuredIn(figures).map(([name, value]) => `${words(name)} ${shown(name, value)}`).join(", ")

/** `criticLoss` as the tags of TensorBoard are written: `critic_loss`. */
export const snakeCase = (name: string): string => name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
