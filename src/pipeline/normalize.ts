import { Effect } from "effect"
import type { Stream } from "effect"
import { arrayProblem, refuse } from "../core/check.ts"
import { DataError } from "../core/errors.ts"
import type { NdArray } from "../core/NdArray.ts"
import { operator } from "../core/operator.ts"
import { transform } from "./transform.ts"

const lookUp = (bytes: Uint8Array, table: Float32Array): Float32Array => {
  const n = bytes.length, out = new Float32Array(n)
  for (let i = 0; i < n; i++) out[i] = table[bytes[i]!]!
  return out
}

export interface NormalizeOptions {
  /** By default `[0, 255]`, what bytes hold. */
  readonly from?: readonly [low: number, high: number]
  /** By default `[0, 1]`. */
  readonly to?: readonly [low: number, high: number]
}

const bounds = (name: string, [low, high]: readonly [number, number], differ: boolean): void => {
  if (!Number.isFinite(high - low) || (differ && high === low)) {
    refuse("Pipeline.normalize", name, `two ${differ ? "different " : ""}finite bounds`, [low, high])
  }
}

/**
 * Maps the values of `x` linearly from one interval to another, as float32; by default bytes to `[0, 1]`. Works on
 * examples and on batches; after batching it is faster, and bytes keep the buffer of a shuffle four times smaller.
 *
 * Throws a `RangeError` if the bounds of `from` are not two different finite numbers, or those of `to` not finite.
 * Fails with a `DataError` for float32 values that are within `[-1, 1]` already, unless `from` is given.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { NdArray, Pipeline } from "effect-neuron"
 *
 * const pixels = Stream.make({ x: NdArray.make(Uint8Array.of(0, 51, 255), [3]) })
 * const scaled = pixels.pipe(Pipeline.normalize({ to: [-1, 1] }))
 * Effect.runSync(Stream.runCollect(scaled))[0]!.x.data // => Float32Array.of(-1, -0.6, 1)
 * ```
 */
export const normalize: {
  (
    options?: NormalizeOptions
  ): <A extends { readonly x: NdArray }, E, R>(self: Stream.Stream<A, E, R>) => Stream.Stream<A, E | DataError, R>
  <A extends { readonly x: NdArray }, E, R>(
    self: Stream.Stream<A, E, R>,
    options?: NormalizeOptions
  ): Stream.Stream<A, E | DataError, R>
} = /* @__PURE__ */ operator(({ from, to = [0, 1] }: NormalizeOptions = {}) => {
  const [low, high] = from ?? [0, 255], [start, end] = to
  bounds("from", [low, high], true)
  bounds("to", to, false)
  const scale = (value: number): number => start + (value - low) / (high - low) * (end - start)
  const ofByte = Float32Array.from({ length: 256 }, (_, byte) => scale(byte))
  return <A extends { readonly x: NdArray }, E, R>(self: Stream.Stream<A, E, R>): Stream.Stream<A, E | DataError, R> =>
    transform(Effect.sync(() => {
      let index = 0, isKnown = from !== undefined
      return {
        push: (chunk: ReadonlyArray<A>, out: Array<A>): DataError | undefined => {
          for (const element of chunk) {
            const source = `Pipeline.normalize, element ${index}`
            const wrong = arrayProblem(source, "x", element.x)
            if (wrong !== undefined) return wrong
            const { data, shape } = element.x
            if (!isKnown && data instanceof Float32Array) {
              const furthest = data.reduce((most, value) => Math.max(most, Math.abs(value)), 0)
              if (furthest > 0 && furthest <= 1) return normalized(source, data)
              // An image that is all black says nothing.
              isKnown = furthest > 1
            }
            const scaled = data instanceof Uint8Array ? lookUp(data, ofByte) : Float32Array.from(data, scale)
            out.push({ ...element, x: { data: scaled, shape } })
            index += 1
          }
          return undefined
        }
      }
    }))(self)
})

const normalized = (source: string, data: Float32Array): DataError => {
  const low = data.reduce((a, b) => Math.min(a, b)), high = data.reduce((a, b) => Math.max(a, b))
  return new DataError({
    source,
    expected: "values from 0 to 255 in x, or the interval that they are from, such as from: [0, 1]",
    actual: `float32 values from ${low} to ${high}, which look normalized already`
  })
}
