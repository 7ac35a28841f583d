import { Effect } from "effect"
import type { Stream } from "effect"
import { arrayProblem, refuse } from "../core/check.ts"
import { DataError } from "../core/errors.ts"
import type { NdArray } from "../core/NdArray.ts"
import { operator } from "../core/operator.ts"
import { format } from "../core/Shape.ts"
import { transform } from "./transform.ts"

export interface StandardizeOptions {
  /** Of all values, or of each channel. */
  readonly mean: number | ReadonlyArray<number>
  /** The standard deviation of all values, or of each channel; positive. */
  readonly stddev: number | ReadonlyArray<number>
}

const checked = (name: string, given: number | ReadonlyArray<number>, least: number): ReadonlyArray<number> => {
  const values = typeof given === "number" ? [given] : given
  const bad = values.findIndex((value) => !(value > least && value < Infinity))
  if (bad === -1 && values.length > 0) return values
  const expected = `${least === 0 ? "a positive" : "a"} finite number, or one for each channel`
  const channel = typeof given === "number" || values.length === 0 ? "" : ` of channel ${bad}`
  return refuse("Pipeline.standardize", `${name}${channel}`, expected, values[bad])
}

/**
 * Subtracts the mean from `x` and divides by the standard deviation, as float32. Either is one number or one for each
 * channel, the last dimension of `x`. Works on examples and on batches.
 *
 * Throws a `RangeError` if a deviation is not positive (that of a column that does not vary is 0: 1 in its place leaves
 * zeros), or if there are not as many as means; fails with a `DataError`
 * if `x` has another number of channels.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { NdArray, Pipeline } from "effect-neuron"
 *
 * const pixels = Stream.make({ x: NdArray.make([1, 10, 3, 30], [2, 2]) })
 * const standard = pixels.pipe(Pipeline.standardize({ mean: [2, 20], stddev: [1, 10] }))
 * Effect.runSync(Stream.runCollect(standard))[0]!.x.data // => Float32Array.of(-1, -1, 1, 1)
 * ```
 */
export const standardize: {
  (
    options: StandardizeOptions
  ): <A extends { readonly x: NdArray }, E, R>(self: Stream.Stream<A, E, R>) => Stream.Stream<A, E | DataError, R>
  <A extends { readonly x: NdArray }, E, R>(
    self: Stream.Stream<A, E, R>,
    options: StandardizeOptions
  ): Stream.Stream<A, E | DataError, R>
} = /* @__PURE__ */ operator(({ mean, stddev }: StandardizeOptions) => {
  const means = checked("mean", mean, -Infinity), deviations = checked("stddev", stddev, 0)
  if (means.length !== 1 && deviations.length !== 1 && means.length !== deviations.length) {
    refuse(
      "Pipeline.standardize",
      "stddev",
      `one number or as many as there are means, ${means.length}`,
      deviations.length
    )
  }
  const channels = Math.max(means.length, deviations.length)
  const shift = Float64Array.from({ length: channels }, (_, c) => means[c] ?? means[0]!)
  const scale = Float64Array.from({ length: channels }, (_, c) => 1 / (deviations[c] ?? deviations[0]!))

  return <A extends { readonly x: NdArray }, E, R>(self: Stream.Stream<A, E, R>): Stream.Stream<A, E | DataError, R> =>
    transform(Effect.sync(() => {
      let index = 0
      return {
        push: (chunk: ReadonlyArray<A>, out: Array<A>): DataError | undefined => {
          for (const element of chunk) {
            const source = `Pipeline.standardize, element ${index}`
            const wrong = arrayProblem(source, "x", element.x)
            if (wrong !== undefined) return wrong
            const { data, shape } = element.x
            if (channels > 1 && shape.at(-1) !== channels) {
              const expected = `x with ${channels} channels as its last dimension`
              return new DataError({ source, expected, actual: format(shape) })
            }
            const values = new Float32Array(data.length)
            for (let i = 0, c = 0; i < values.length; i++) {
              values[i] = (data[i]! - shift[c]!) * scale[c]!
              if (++c === channels) c = 0
            }
            out.push({ ...element, x: { data: values, shape } })
            index += 1
          }
          return undefined
        }
      }
    }))(self)
})
