import { Effect } from "effect"
import type { Stream } from "effect"
import { arrayProblem, positiveInteger } from "../core/check.ts"
import { DataError } from "../core/errors.ts"
import type { NdArray } from "../core/NdArray.ts"
import { operator } from "../core/operator.ts"
import { transform } from "./transform.ts"

/**
 * Replaces the class indices in `y` by one-hot vectors, float32 along a new last dimension of `classes`. Works on
 * examples, `[]` to `[classes]`, and on batches, `[size]` to `[size, classes]`.
 *
 * Throws a `RangeError` if `classes` is no positive integer; fails with a `DataError` on an index that is none of 0 to
 * `classes - 1`.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { NdArray, Pipeline } from "effect-neuron"
 *
 * const labels = Stream.make({ y: NdArray.index(2) }).pipe(Pipeline.oneHot(3))
 * Effect.runSync(Stream.runCollect(labels)) // => [{ y: NdArray.make([0, 0, 1], [3]) }]
 * ```
 */
export const oneHot: {
  (
    classes: number
  ): <A extends { readonly y: NdArray }, E, R>(self: Stream.Stream<A, E, R>) => Stream.Stream<A, E | DataError, R>
  <A extends { readonly y: NdArray }, E, R>(
    self: Stream.Stream<A, E, R>,
    classes: number
  ): Stream.Stream<A, E | DataError, R>
} = /* @__PURE__ */ operator((classes: number) => {
  positiveInteger("Pipeline.oneHot", "classes", classes)
  return <A extends { readonly y: NdArray }, E, R>(self: Stream.Stream<A, E, R>): Stream.Stream<A, E | DataError, R> =>
    transform(Effect.sync(() => {
      let index = 0
      return {
        push: (chunk: ReadonlyArray<A>, out: Array<A>): DataError | undefined => {
          for (const element of chunk) {
            const source = `Pipeline.oneHot, element ${index}`
            const wrong = arrayProblem(source, "y", element.y)
            if (wrong !== undefined) return wrong
            const { data, shape } = element.y
            const hot = new Float32Array(data.length * classes)
            for (let i = 0; i < data.length; i++) {
              const label = data[i]!
              if (!(Number.isInteger(label) && label >= 0 && label < classes)) {
                return new DataError({
                  source,
                  expected: `a class index from 0 to ${classes - 1} in y`,
                  actual: String(label)
                })
              }
              hot[i * classes + label] = 1
            }
            out.push({ ...element, y: { data: hot, shape: [...shape, classes] } })
            index += 1
          }
          return undefined
        }
      }
    }))(self)
})
