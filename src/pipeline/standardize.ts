import { Effect, Stream } from "effect"
import { DataError } from "../core/errors.ts"
import type { NdArray } from "../core/NdArray.ts"
import { format } from "../core/Shape.ts"
import { transform } from "./transform.ts"

const fail = (source: string, expected: string, actual: string) => new DataError({ source, expected, actual })

/**
 * Subtracts the mean from `x` and divides by the standard deviation, as float32. Either is one number or one for each
 * channel, the last dimension of `x`. Works on examples and on batches.
 *
 * Fails with a DataError if a deviation is not positive, or if `x` has another number of channels.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { NdArray, Pipeline } from "effect-neuron"
 *
 * const pixels = Stream.make({ x: NdArray.make([1, 10, 3, 30], [2, 2]) })
 * const standard = pixels.pipe(Pipeline.standardize({ mean: [2, 20], deviation: [1, 10] }))
 * Effect.runSync(Stream.runCollect(standard))[0]!.x.data // => Float32Array.of(-1, -1, 1, 1)
 * ```
 */
export const standardize = ({ deviation, mean }: {
  readonly mean: number | ReadonlyArray<number>
  readonly deviation: number | ReadonlyArray<number>
}) =>
<A extends { readonly x: NdArray }, E, R>(self: Stream.Stream<A, E, R>): Stream.Stream<A, E | DataError, R> => {
  const means = typeof mean === "number" ? [mean] : mean
  const deviations = typeof deviation === "number" ? [deviation] : deviation
  const bad = deviations.find((d) => !(d > 0 && d < Infinity))
  if (bad !== undefined || deviations.length === 0 || means.length === 0) {
    const expected = means.length === 0 ? "at least one mean" : "positive finite deviations"
    return Stream.fail(fail("Pipeline.standardize", expected, bad === undefined ? "none" : String(bad)))
  }
  if (means.length !== 1 && deviations.length !== 1 && means.length !== deviations.length) {
    const expected = `as many deviations as means, ${means.length}`
    return Stream.fail(fail("Pipeline.standardize", expected, String(deviations.length)))
  }
  const channels = Math.max(means.length, deviations.length)
  const shift = Float64Array.from({ length: channels }, (_, c) => means[c] ?? means[0]!)
  const scale = Float64Array.from({ length: channels }, (_, c) => 1 / (deviations[c] ?? deviations[0]!))

  return transform(Effect.sync(() => {
    let index = 0
    return {
      push: (chunk: ReadonlyArray<A>, out: Array<A>): DataError | undefined => {
        for (const element of chunk) {
          const { data, shape } = element.x
          if (channels > 1 && shape.at(-1) !== channels) {
            const source = `Pipeline.standardize, element ${index}`
            return fail(source, `x with ${channels} channels as its last dimension`, format(shape))
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
}
