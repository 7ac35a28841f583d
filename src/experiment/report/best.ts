import { having, measuresIn, valueOf } from "./measures.ts"
import type { Recorded } from "./record.ts"

/** The best validation: what was measured, its value and its step. */
export interface Best {
  readonly name: string
  readonly value: number
  readonly step: number
}

/**
 * The validation of the best checkpoint, whatever it is judged by; of a run that says nothing of it, that of the least
 * loss.
 */
export const bestOf = ({ others, run }: Pick<Recorded, "others" | "run">): Best | undefined => {
  const lines = others["validation"] ?? [], names = measuresIn(lines)
  const { step, value } = run.results?.["best"] ?? {}
  if (typeof step === "number" && typeof value === "number") {
    const line = lines.find((line) => line.step === step)
    const name = line && names.find((name) => Math.abs(valueOf(name)(line) - value) <= 1e-6 * Math.abs(value))
    if (name !== undefined) return { name, value, step }
  }
  const losses = having(lines, "loss"), loss = valueOf("loss")
  const least = losses.reduce<typeof losses[number] | undefined>(
    (best, line) => best === undefined || loss(line) < loss(best) ? line : best,
    undefined
  )
  return least && { name: "loss", value: loss(least), step: least.step }
}
