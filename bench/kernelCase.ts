import { Key, Random } from "../src/index.ts"
import { tf } from "./tfjs.ts"
import type { Tensor } from "./tfjs.ts"

/**
 * One kernel: `inputs` are kept, `fresh` are made anew for each call, since XNNPACK keeps what it has packed of a
 * matrix that it has seen and training never shows it the same one again.
 */
export interface Case {
  readonly name: string
  readonly unit: "GFLOPS" | "GB/s"
  /** Operations, or bytes read and written at the least. */
  readonly work: number
  readonly inputs: ReadonlyArray<Tensor>
  readonly fresh: () => ReadonlyArray<Tensor>
  readonly run: (inputs: ReadonlyArray<Tensor>, fresh: ReadonlyArray<Tensor>) => void
}

let seed = 0

export const sizeOf = (shape: ReadonlyArray<number>) => shape.reduce((a, b) => a * b, 1)
export const random = (...shape: ReadonlyArray<number>): Tensor => {
  seed += 1
  const values = Random.uniform(Key.make(seed), sizeOf(shape))
  return tf.tensor(values.map((value) => value - 0.5), [...shape])
}

/** A tensor on the device with values of its own, made of host arrays that are drawn once. */
export const freshly = (...shape: ReadonlyArray<number>) => {
  const kept = random(...shape), values = kept.dataSync()
  kept.dispose()
  return () => [tf.tensor(values, [...shape])]
}

export const BATCH = 64

/** The gradient of a kernel, as the tape calls it. */
export const gradient = (kernel: string, dy: Tensor, saved: ReadonlyArray<Tensor>, attrs: object, of: string) => {
  const { gradFunc } = tf.getGradient(kernel)
  return gradFunc(dy, [...saved], attrs as Parameters<typeof gradFunc>[2])[of]!()
}
