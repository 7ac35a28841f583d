import type { Line } from "./record.ts"

/** The lines of an epoch, or of another stretch of a run, in their order. */
export interface Stretch {
  /** From 1; of a stretch that is no epoch there is none. */
  readonly epoch?: number
  readonly lines: ReadonlyArray<Line>
}

/** The epochs of a run, the last one as far as it came; nothing where its lines have none. */
export const epochs = (lines: ReadonlyArray<Line>): ReadonlyArray<Stretch> => {
  if (lines.some(({ epoch }) => typeof epoch !== "number")) return []
  return [...Map.groupBy(lines, ({ epoch }) => epoch as number)].map(([epoch, lines]) => ({ epoch: epoch + 1, lines }))
}

/** A run in at most so many stretches of equally many steps; the last may have fewer. */
export const stretches = (lines: ReadonlyArray<Line>, most: number): ReadonlyArray<Stretch> => {
  const each = Math.max(1, Math.ceil(lines.length / most))
  return Array.from({ length: Math.ceil(lines.length / each) }, (_, i) => ({
    lines: lines.slice(i * each, (i + 1) * each)
  }))
}
