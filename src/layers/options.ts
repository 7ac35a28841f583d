import { oneOf, positiveInteger } from "../core/Kind.ts"
import type { OptionType } from "../core/Kind.ts"

/** A size along height and width: one number for both, or one for each. */
export type Size = number | readonly [height: number, width: number]

/**
 * What happens at the border: `"same"` pads with zeros so that the output has a position for each `stride` positions of
 * the input, `"valid"` keeps the window inside of the input.
 */
export type Padding = "same" | "valid"

/** A size as it stands in names and messages, `3x3`. */
export const bySize = ([height, width]: readonly [number, number]): string => `${height}x${width}`

/** The type of an option that is a {@link Size}; its value has both numbers. */
export const sizes: OptionType<readonly [height: number, width: number]> = {
  expected: "a positive integer, or two of them",
  parse: (given) => {
    const [height, width, ...rest]: ReadonlyArray<unknown> = Array.isArray(given) ? given : [given, given]
    const parsed = [positiveInteger.parse(height), positiveInteger.parse(width)] as const
    return rest.length > 0 || parsed.includes(undefined) ? undefined : parsed as readonly [number, number]
  },
  text: bySize
}

/**
 * The type of the option of layers that can carry a state over time, from one batch to the next in their running state:
 * not at all, for a batch of any size, with no state at first, or for one of so many examples.
 */
export const statefulness: OptionType<boolean | number> = {
  expected: "true, false, or how many examples a batch has",
  parse: (given) => typeof given === "boolean" ? given : positiveInteger.parse(given),
  text: (value, option) => typeof value === "number" ? `${option} ${value}` : value ? option : `not ${option}`,
  bare: true
}

/** The type of an option that is a {@link Padding}. */
export const paddings: OptionType<Padding> = /* @__PURE__ */ oneOf("same", "valid")
