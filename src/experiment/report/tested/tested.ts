import type { Examined } from "../../examine.ts"
import type { Figures } from "../../run/format.ts"

/** What a test gave: its numbers by name, and the examples that it was of. */
export interface Tested {
  readonly figures?: Figures
  readonly examined?: Examined
}

/** The numbers of a test of which only the examples are known. */
export const measuredOf = ({ losses, matrix, size }: Examined): Figures => ({
  size,
  loss: losses.reduce((sum, loss) => sum + loss, 0) / losses.length,
  ...(matrix === undefined ? {} : { accuracy: matrix.accuracy })
})
