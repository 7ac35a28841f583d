import { Effect, Stream } from "effect"
import { NdArray } from "effect-neuron"
import { dataOf } from "../training/data.ts"
import { TEST } from "../training/definition.ts"
import type { Choice } from "../training/definition.ts"

/** The test examples of a data set: images `[n, 28, 28, 1]` and their classes. */
export interface TestData {
  readonly x: NdArray.NdArray
  readonly y: Int32Array
}

const found = new Map<Choice["dataset"], Promise<TestData>>()

// Drawing digits takes a tenth of a second in all: in small parts, so that the page stays awake.
const collect = (dataset: Choice["dataset"]): Promise<TestData> => {
  const images = new Float32Array(TEST * 784), y = new Int32Array(TEST)
  let i = 0
  return Effect.runPromise(
    dataOf({ dataset, examples: 100 }).pipe(
      Effect.flatMap(({ test }) =>
        Stream.runForEach(Stream.rechunk(test, 16), (example) => {
          images.set(example.x.data, i * 784)
          y[i] = example.y.data[0]!
          i += 1
          return i % 16 === 0 ? Effect.sleep("4 millis") : Effect.void
        })
      ),
      Effect.map(() => ({ x: NdArray.make(images.subarray(0, i * 784), [i, 28, 28, 1]), y: y.subarray(0, i) }))
    )
  )
}

export const testData = (dataset: Choice["dataset"]): Promise<TestData> => {
  const before = found.get(dataset)
  if (before !== undefined) return before
  const now = collect(dataset)
  found.set(dataset, now)
  // What could not be had is asked for again.
  now.catch(() => found.delete(dataset))
  return now
}

/** One of the test images, as a batch. */
export const imageOf = ({ x, y }: TestData, i: number): NdArray.NdArray =>
  NdArray.make((x.data as Float32Array).slice((i % y.length) * 784, (i % y.length + 1) * 784), [1, 28, 28, 1])
