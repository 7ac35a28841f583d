import { argMax, cast, fill, greater, where } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { equals, format } from "../core/Shape.ts"
import { isTensor } from "../core/Tree.ts"
import type { Masked } from "../layers/lambda.ts"
import { float } from "../losses/weighted.ts"
import { checkIgnored } from "./classes.ts"
import type { Metric } from "./Metric.ts"
import { addParts } from "./parts.ts"
import type { Parts } from "./parts.ts"

/** What metrics of whole sequences of tokens take. */
export interface TokenOptions {
  /** The target of what does not count, such as padding, by default -1. */
  readonly ignoreIndex?: number
}

// What takes the place of a token that does not count, which no token is.
const NONE = -1

/** Tokens as they were measured, `batch` rows of each, or what was counted of some. */
type Measured = { readonly predicted: Parts; readonly expected: Parts; readonly weight?: Parts; readonly batch: number }
type Counted = { readonly counts: Float64Array }

/** The tokens of predictions: those of the highest scores at each step, or the predictions themselves. */
const tokensIn = (name: string, given: Tensor | Masked, target: Tensor): Tensor => {
  const { mask, x } = isTensor(given) ? { x: given, mask: undefined } : given
  const isScores = x.rank === 3
  if (!isScores && x.rank !== 2 || target.rank !== 2 || target.shape[0] !== x.shape[0]) {
    throw new RangeError(
      `${name} expects tokens [batch, time] or scores [batch, time, classes], and targets [batch, length], got ${
        format(x.shape)
      } and ${format(target.shape)}`
    )
  }
  const tokens = isScores ? argMax(float(x), -1) : x
  if (mask === undefined) return tokens
  if (!equals(mask.shape, tokens.shape)) {
    throw new RangeError(`${name} expects a mask ${format(tokens.shape)}, got ${format(mask.shape)}`)
  }
  return where(greater(mask, 0), cast(tokens, "int32"), fill(tokens.shape, NONE, "int32"))
}

/**
 * A metric that counts something of each pair of sequences, and finishes from the sums. Counting is done on the host: of
 * one batch when it is finished, and of several as they are merged, so that what is kept does not grow.
 */
export const ofSequences = <const Name extends string>(
  name: Name,
  { ignoreIndex = NONE, read = (tokens) => tokens }: TokenOptions & {
    /** What is compared of the predicted tokens. */
    readonly read?: (tokens: ReadonlyArray<number>) => ReadonlyArray<number>
  },
  count: (predicted: ReadonlyArray<number>, expected: ReadonlyArray<number>) => ReadonlyArray<number>,
  finish: (counts: Float64Array) => number
): Metric<Name, Tensor | Masked> => {
  checkIgnored(name, ignoreIndex)
  const counted = (parts: Measured | Counted): Counted => {
    if ("counts" in parts) return parts
    const { batch, weight } = parts
    const rows = (part: Parts) => {
      const values = part as Float64Array, width = values.length / batch
      return (row: number) => Array.from(values.subarray(row * width, (row + 1) * width))
    }
    const predicted = rows(parts.predicted), expected = rows(parts.expected)
    let all: Counted | undefined
    for (let row = 0; row < batch; row++) {
      const own = weight === undefined ? 1 : (weight as Float64Array)[row]!
      const found = count(
        read(predicted(row).filter((token) => token !== NONE)),
        expected(row).filter((token) => token !== ignoreIndex && token !== NONE)
      )
      const counts = Float64Array.from(found, (n) => own * n)
      all = all === undefined ? { counts } : addParts(all, { counts }) as Counted
    }
    return all ?? { counts: Float64Array.of() }
  }
  return {
    name,
    measure: (prediction, target, weight) => ({
      predicted: tokensIn(name, prediction, target),
      expected: target,
      batch: target.shape[0]!,
      ...(weight === undefined ? {} : { weight })
    }),
    merge: (a, b) => addParts(counted(a as Measured), counted(b as Measured)),
    finish: (parts) => finish(counted(parts as Measured).counts)
  }
}
