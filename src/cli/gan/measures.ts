import type { GanConfig } from "./config.ts"

/** What every step of adversarial training measures, by the names that its metrics have. */
export const measures = [
  "criticLoss",
  "generatorLoss",
  "gradientPenalty",
  "realScore",
  "fakeScore",
  "criticGradientNorm",
  "generatorGradientNorm"
] as const

export type Measure = typeof measures[number]

/** A number for each of them. */
export type Measured = { readonly [M in Measure]: number }

/** Those that say something: the gradient penalty is 0 where the loss has none. */
export const measuresOf = ({ loss }: Pick<GanConfig, "loss">): ReadonlyArray<Measure> =>
  measures.filter((name) => name !== "gradientPenalty" || loss === "wgan-gp")
