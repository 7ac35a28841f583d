import { Effect, FileSystem, Path } from "effect"
import { Datasets, Key, NdArray, Random } from "../src/index.ts"

const PIXELS = 28 * 28

/** Noise that is as sparse as handwriting, so that unpacking it takes about as long. */
const noise = (count: number, seed: number): Uint8Array => {
  const next = Random.generator(Key.make(seed)), images = new Uint8Array(count * PIXELS)
  for (let i = 0; i < images.length; i++) {
    const draw = next()
    if (draw < 0.19) images[i] = 1 + draw * 1300
  }
  return images
}

const writeSplit = (directory: string, name: string, count: number, seed: number) =>
  Effect.gen(function*() {
    const { join } = yield* Path.Path
    const write = (file: string, data: Uint8Array, shape: ReadonlyArray<number>) =>
      Datasets.writeIdx(join(directory, `${name}-${file}-ubyte.gz`), NdArray.make(data, shape), { gzip: true })
    yield* write("images-idx3", noise(count, seed), [count, 28, 28])
    yield* write("labels-idx1", Uint8Array.from({ length: count }, (_, i) => i % 10), [count])
  })

/** The directory that MNIST_DIR names, else files of the size and form of MNIST in a temporary one. */
export const mnistDirectory = Effect.gen(function*() {
  const named = process.env["MNIST_DIR"]
  if (named !== undefined && named !== "") return { data: "MNIST", directory: named }
  const files = yield* FileSystem.FileSystem
  const directory = yield* files.makeTempDirectoryScoped()
  yield* writeSplit(directory, "train", 60_000, 1)
  yield* writeSplit(directory, "t10k", 10_000, 2)
  return { data: "noise in MNIST's size", directory }
})
