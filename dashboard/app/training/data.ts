import { Effect, Stream } from "effect"
import { Datasets, Errors, NdArray } from "effect-neuron"
import { classes, TEST } from "./definition.ts"
import type { Choice } from "./definition.ts"

type Images = Datasets.Dataset

/** The same stream, which computes its elements in its first whole run and remembers them. */
const remembered = <A>(self: Stream.Stream<A>): Stream.Stream<A> => {
  let all: ReadonlyArray<A> | undefined
  return Stream.suspend(() => {
    if (all !== undefined) return Stream.fromIterable(all)
    const seen: Array<A> = []
    return self.pipe(
      Stream.tap((element) => Effect.sync(() => seen.push(element))),
      Stream.onEnd(Effect.sync(() => {
        all = seen
      }))
    )
  })
}

const file = (name: string) =>
  Effect.tryPromise({
    try: async () => {
      const response = await fetch(new URL(`/data/mnist/${name}`, globalThis.location.origin))
      if (!response.ok) throw new Error(`${response.status}`)
      return new Uint8Array(await response.arrayBuffer())
    },
    catch: (cause) =>
      new Errors.DataError({ source: name, expected: "a file that the dashboard's server has", actual: String(cause) })
  })

const mnist = (examples: number) =>
  Effect.gen(function*() {
    const read = (name: string, count: number, header: number, each: number) =>
      Effect.map(file(name), (bytes) => bytes.slice(header, header + count * each))
    const images = (bytes: Uint8Array) => Float32Array.from(bytes, (byte) => byte / 255)
    const split = (prefix: string, count: number) =>
      Effect.gen(function*() {
        const x = yield* read(`${prefix}-images-idx3-ubyte`, count, 16, 784)
        const y = yield* read(`${prefix}-labels-idx1-ubyte`, count, 8, 1)
        return {
          x: NdArray.make(images(x), [y.length, 28, 28, 1]),
          y: NdArray.make(Int32Array.from(y), [y.length])
        }
      })
    const train = yield* split("train", examples), test = yield* split("t10k", TEST)
    return yield* Datasets.fromArrays({ name: "mnist", classes, ...train, test })
  })

/** The data of a choice: examples to train with, and {@link TEST} to test with, which are the same in every run. */
export const dataOf = (
  { dataset, examples }: Pick<Choice, "dataset" | "examples">
): Effect.Effect<Images, Errors.DataError> => {
  if (dataset === "mnist") return mnist(examples)
  const digits = Datasets.digits({ train: examples, test: TEST })
  return Effect.succeed({ ...digits, train: remembered(digits.train), test: remembered(digits.test) })
}
