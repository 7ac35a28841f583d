import { formatSummary } from "../layers/formatSummary.ts"
import type { Summary } from "../layers/summary.ts"

/** The lines of the networks of a run as tables for a terminal, below their names when there are several. */
export const linesOf = (networks: { readonly [name: string]: Summary }): ReadonlyArray<string> => {
  const entries = Object.entries(networks), lines = [""]
  for (const [name, summary] of entries) {
    if (entries.length > 1) lines.push(name)
    lines.push(...formatSummary(summary).split("\n"), "")
  }
  return lines
}
