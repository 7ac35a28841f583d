import type { NdArray } from "effect-neuron"
import { classProbabilities } from "../../../src/core/softmax.ts"

type Arr = NdArray.NdArray

/** The probabilities of classes, of what a model gives for one example: a score for each, or one for the second of two. */
export const probabilitiesOf = ({ data }: Pick<Arr, "data">, count: number): ReadonlyArray<number> =>
  classProbabilities(data as Float32Array, count)

const FLOAT = 3.4e38

/** What numbers an array takes. */
export const limitsOf = ({ data }: Pick<Arr, "data">) =>
  data instanceof Uint8Array
    ? { type: "integer", minimum: 0, maximum: 255 } as const
    : data instanceof Int32Array
    ? { type: "integer", minimum: -(2 ** 31), maximum: 2 ** 31 - 1 } as const
    : { type: "number", minimum: -FLOAT, maximum: FLOAT } as const

/** A number as a field shows it: float32 has no more digits. */
export const readable = (value: number): number => Number(value.toPrecision(6))

/** An array with one value another one, the nearest that it takes. */
export const withValue = ({ data, shape }: Arr, i: number, value: number): Arr => {
  const { maximum, minimum, type } = limitsOf({ data }), copy = data.slice()
  const within = Math.max(minimum, Math.min(maximum, value))
  copy[i] = type === "integer" ? Math.round(within) : within
  return { data: copy, shape }
}

/** A moment of a series, and a value. */
export type Place = readonly [moment: number, value: number]

/** A series, `[1, length]` or `[1, length, channels]`, with a straight line from one place to another in a channel. */
export const drawnBetween = (series: Arr, channel: number, [from, start]: Place, [to, end]: Place): Arr => {
  const [, , channels = 1] = series.shape, way = Math.abs(to - from), step = Math.sign(to - from)
  let drawn = series
  for (let i = 0; i <= way; i++) {
    const share = way === 0 ? 1 : i / way
    drawn = withValue(drawn, (from + i * step) * channels + channel, start + (end - start) * share)
  }
  return drawn
}

/** The values of a channel of a series `[length, channels]`, or of one without channels. */
export const channelOf = ({ data, shape: [length = 0, channels = 1] }: Arr, channel: number): ReadonlyArray<number> =>
  Array.from({ length }, (_, i) => data[i * channels + channel]!)
