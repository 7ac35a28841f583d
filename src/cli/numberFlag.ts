import { Option } from "effect"
import { Flag } from "effect/cli"
import { accepts, wanted } from "../experiment/limits.ts"
import type { Limits } from "../experiment/limits.ts"

/** A flag of a number within bounds; what it is not is said in one sentence, whether it is no number or beyond them. */
export const numberFlag = (name: string, limits: Limits): Flag.Flag<number> =>
  Flag.String(name).pipe(
    Flag.withMetavar(limits.type),
    Flag.filterMap(
      (text) => {
        const value = text.trim() === "" ? NaN : Number(text)
        return accepts(limits, value) ? Option.some(value) : Option.none()
      },
      () => wanted(limits)
    )
  )
