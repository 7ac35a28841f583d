/** A size along height and width: one number for both, or one for each. */
export type Size = number | readonly [height: number, width: number]

/**
 * What happens at the border: `"same"` pads with zeros so that the output has a position for each `stride` positions of
 * the input, `"valid"` keeps the window inside of the input.
 */
export type Padding = "same" | "valid"

/** The number, when it is 1, 2, 3, …; throws a `RangeError` otherwise. */
export const positiveInteger = (layer: string, option: string, n: number): number => {
  if (Number.isSafeInteger(n) && n > 0) return n
  throw new RangeError(`${layer}: ${option} is a positive integer, got ${n}`)
}

/** Height and width of a size of positive integers; throws a `RangeError` otherwise. */
export const heightAndWidth = (layer: string, option: string, size: Size): [height: number, width: number] => {
  const [height, width] = typeof size === "number" ? [size, size] : size
  return [positiveInteger(layer, option, height), positiveInteger(layer, option, width)]
}

/** The padding, when it is one; throws a `RangeError` otherwise. */
export const oneOfPaddings = (layer: string, padding: Padding): Padding => {
  if (padding === "same" || padding === "valid") return padding
  throw new RangeError(`${layer}: padding is "same" or "valid", got ${JSON.stringify(padding)}`)
}

/** The name of a layer: its kind and what it was configured with, `conv2d(32, 3x3)`. */
export const describe = (kind: string, ...configuration: ReadonlyArray<string | number | false>): string => {
  const given = configuration.filter((part) => part !== false)
  return given.length === 0 ? kind : `${kind}(${given.join(", ")})`
}

/** A size as it stands in names and messages, `3x3`. */
export const bySize = ([height, width]: readonly [number, number]): string => `${height}x${width}`
