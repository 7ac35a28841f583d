import { Stream } from "effect"
import { Key, Layers, Losses, Metrics, NdArray, Optimizers, Random, Train } from "effect-neuron"

/** A small model with everything that makes resuming hard: running statistics, dropout, momentum. */
export const model = Layers.named({
  conv: Layers.conv2d({ filters: 4, kernelSize: 3 }),
  norm: Layers.batchNorm(),
  relu: Layers.relu,
  pool: Layers.maxPool2d(2),
  flat: Layers.flatten,
  drop: Layers.dropout(0.25),
  head: Layers.dense(4)
})

export const optimizer = Optimizers.chain(Optimizers.clipByGlobalNorm(1), Optimizers.adam(1e-2))

export const supervision = { model, loss: Losses.softmaxCrossEntropy, metrics: [Metrics.accuracy] } as const

export const init = Train.init({ model, optimizer, input: [8, 8, 1], key: Key.make(42) })

export const step = Train.supervised({ ...supervision, optimizer })

/** Image `i`: noise, with one of four bands of rows bright, which is its class. */
export const example = (i: number): { readonly x: NdArray.NdArray; readonly y: NdArray.NdArray } => {
  const label = i * 7 % 4, pixels = Random.uniform(Key.fold(Key.make(5), i), 64, { high: 0.8 })
  for (let j = 0; j < 16; j++) pixels[label * 16 + j]! += 0.5
  return { x: NdArray.make(pixels, [8, 8, 1]), y: NdArray.index(label) }
}

/** Batch `i` of 16 examples. */
export const batch = (i: number): Train.SupervisedBatch => {
  const examples = Array.from({ length: 16 }, (_, j) => example(16 * i + j))
  const x = new Float32Array(16 * 64), y = new Int32Array(16)
  examples.forEach((e, j) => {
    x.set(e.x.data, j * 64)
    y[j] = e.y.data[0]!
  })
  return { x: { data: x, shape: [16, 8, 8, 1] }, y: { data: y, shape: [16] }, size: 16 }
}

/** Batches without end. */
export const batches = Stream.iterate(0, (i) => i + 1).pipe(Stream.map(batch))
