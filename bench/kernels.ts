import { useCompanion } from "../src/backend/companion/companion.ts"
import { Backend, Key, Losses, Optimizers, Random } from "../src/index.ts"
import { table } from "./table.ts"
import { tf } from "./tfjs.ts"
import type { Tensor } from "./tfjs.ts"
import { summarize } from "./timing.ts"
import type { Summary } from "./timing.ts"

/**
 * One kernel: `inputs` are kept, `fresh` are made anew for each call, since XNNPACK keeps what it has packed of a matrix
 * that it has seen and training never shows it the same one again.
 */
interface Case {
  readonly name: string
  readonly unit: "GFLOPS" | "GB/s"
  /** Operations, or bytes read and written at the least. */
  readonly work: number
  readonly inputs: ReadonlyArray<Tensor>
  readonly fresh: () => ReadonlyArray<Tensor>
  readonly run: (inputs: ReadonlyArray<Tensor>, fresh: ReadonlyArray<Tensor>) => void
}

export interface KernelCost {
  readonly kernel: string
  readonly unit: Case["unit"]
  readonly work: number
  /** Milliseconds with the companion module, and without it. */
  readonly on: Summary
  readonly off: Summary
}

let seed = 0

const sizeOf = (shape: ReadonlyArray<number>) => shape.reduce((a, b) => a * b, 1)
const random = (...shape: ReadonlyArray<number>): Tensor => {
  seed += 1
  const values = Random.uniform(Key.make(seed), sizeOf(shape))
  return tf.tensor(values.map((value) => value - 0.5), [...shape])
}

/** A tensor on the device with values of its own, made of host arrays that are drawn once. */
const freshly = (...shape: ReadonlyArray<number>) => {
  const kept = random(...shape), values = kept.dataSync()
  kept.dispose()
  return () => [tf.tensor(values, [...shape])]
}

const product = (m: number, k: number, n: number, form: "NN" | "TN" | "NT"): Case => {
  const transposeA = form === "TN", transposeB = form === "NT"
  return {
    name: `matMul ${m}x${k}x${n} ${form}`,
    unit: "GFLOPS",
    work: 2 * m * k * n,
    inputs: [transposeA ? random(k, m) : random(m, k)],
    fresh: transposeB ? freshly(n, k) : freshly(k, n),
    run: ([a], [b]) => tf.matMul(a!, b!, transposeA, transposeB)
  }
}

const BATCH = 64

/** The gradient of a kernel, as the tape calls it. */
const gradient = (kernel: string, dy: Tensor, saved: ReadonlyArray<Tensor>, attrs: object, of: string) => {
  const { gradFunc } = tf.getGradient(kernel)
  return gradFunc(dy, [...saved], attrs as Parameters<typeof gradFunc>[2])[of]!()
}

/** A convolution with "same" padding and its gradients. */
const convolution = (size: number, inputs: number, kernel: number, outputs: number, stride: number) => {
  const out = Math.ceil(size / stride)
  const image = [BATCH, size, size, inputs] as const, output = [BATCH, out, out, outputs] as const
  const filter = [kernel, kernel, inputs, outputs] as const
  const attrs = {
    ...{ strides: [stride, stride], pad: "same", dataFormat: "NHWC", dilations: [1, 1] },
    dimRoundingMode: undefined
  }
  const all = { unit: "GFLOPS", work: 2 * sizeOf(output) * kernel * kernel * inputs } as const
  const forward: Case = {
    ...all,
    name: `conv2d ${image.join("x")}, ${kernel}x${kernel}x${outputs}${stride > 1 ? `, strides ${stride}` : ""}`,
    inputs: [random(...image)],
    fresh: freshly(...filter),
    run: ([x], [w]) => tf.conv2d(x as never, w as never, stride, "same")
  }
  const byFilter: Case = {
    ...all,
    name: "its gradient by the filter",
    inputs: [random(...image), random(...filter)],
    fresh: freshly(...output),
    run: ([x, w], [dy]) => gradient("Conv2D", dy!, [x!, w!], attrs, "filter")
  }
  const byInput: Case = {
    ...all,
    name: "its gradient by the input",
    inputs: [random(...image), random(...output)],
    fresh: freshly(...filter),
    run: ([x, dy], [w]) => gradient("Conv2D", dy!, [x!, w!], attrs, "x")
  }
  // Over one channel it is a first layer, of which no gradient by the input is needed.
  return inputs === 1 ? [forward, byFilter] : [forward, byInput, byFilter]
}

const depthwise = (): Case => {
  const image = [BATCH, 14, 14, 128] as const
  return {
    name: "depthwise conv2d 64x14x14x128, 3x3",
    unit: "GFLOPS",
    work: 2 * 9 * sizeOf(image),
    inputs: [random(...image)],
    fresh: freshly(3, 3, 128, 1),
    run: ([x], [w]) => tf.depthwiseConv2d(x as never, w as never, 1, "same")
  }
}

const maxPoolGradient = (): Case => {
  const shape = [BATCH, 28, 28, 32] as const, pooled = [BATCH, 14, 14, 32] as const
  const x = random(...shape), y = tf.maxPool(x as never, 2, 2, "valid")
  return {
    name: "gradient of maxPool 2x2, 64x28x28x32",
    unit: "GB/s",
    work: 4 * 2 * (sizeOf(shape) + sizeOf(pooled)),
    inputs: [x, y],
    fresh: freshly(...pooled),
    run: ([x, y], [dy]) =>
      gradient("MaxPool", dy!, [x!, y!], { filterSize: 2, strides: 2, pad: "valid", dimRoundingMode: undefined }, "x")
  }
}

// Reads the gradient and two moments, writes two moments and the update, reads the parameter and the update, writes it.
const adam = (): Case => {
  const shape = [3136, 128] as const, optimizer = Optimizers.adam(1e-3), w = random(...shape)
  const state = optimizer.init({ w })
  return {
    name: "Adam, 3136x128",
    unit: "GB/s",
    work: 4 * 9 * sizeOf(shape),
    inputs: [w],
    fresh: freshly(...shape),
    run: ([w], [g]) => Optimizers.applyUpdates({ w: w! }, optimizer.update({ w: g! }, state, { w: w! })[0])
  }
}

// Reads the logits twice and writes their gradient.
const crossEntropy = (): Case => {
  const shape = [1024, 1000] as const
  const classes = tf.tensor(Int32Array.from({ length: shape[0] }, (_, i) => (i * 7) % shape[1]), [shape[0]], "int32")
  return {
    name: "softmax cross entropy with its gradient, 1024x1000",
    unit: "GB/s",
    work: 4 * 3 * sizeOf(shape),
    inputs: [classes],
    fresh: freshly(...shape),
    run: ([classes], [logits]) => tf.grad((x) => tf.mean(Losses.softmaxCrossEntropy(x, classes!)))(logits!)
  }
}

const cases = (): ReadonlyArray<Case> => [
  product(512, 512, 512, "NN"),
  // A dense layer, and its gradients by its kernel and by its input.
  product(64, 784, 128, "NN"),
  product(784, 64, 128, "TN"),
  product(64, 128, 784, "NT"),
  ...convolution(14, 32, 3, 64, 1),
  ...convolution(28, 1, 3, 32, 1),
  ...convolution(14, 64, 4, 128, 2),
  depthwise(),
  maxPoolGradient(),
  adam(),
  crossEntropy()
]

/** Calls in a turn: so many that a turn is long against what the clock resolves. */
const CALLS = 8

const once = ({ fresh, inputs, run }: Case): number => {
  let elapsed = 0
  for (let i = 0; i < CALLS; i++) {
    const made = fresh()
    tf.tidy(() => {
      const start = performance.now()
      run(inputs, made)
      elapsed += performance.now() - start
    })
    for (const tensor of made) tensor.dispose()
  }
  return elapsed / CALLS
}

/** Single kernels with the companion module and without it, in turns. The WebAssembly backend must be in force. */
export const kernelCosts = (rounds: number): ReadonlyArray<KernelCost> => {
  Backend.install(Backend.convolution)
  Backend.install(Backend.depthwiseConvolution)
  Backend.install(Backend.pooling)
  try {
    return cases().map((kernel) => {
      const times = { on: [] as Array<number>, off: [] as Array<number> }
      for (let round = -2; round < rounds; round++) {
        for (const which of round % 2 === 0 ? ["on", "off"] as const : ["off", "on"] as const) {
          useCompanion(which === "on")
          const time = once(kernel)
          if (round >= 0) times[which].push(time)
        }
      }
      const { name, unit, work } = kernel
      return { kernel: name, unit, work, on: summarize(times.on), off: summarize(times.off) }
    })
  } finally {
    useCompanion(true)
  }
}

export const kernelTable = (costs: ReadonlyArray<KernelCost>): string =>
  table(
    ["", "companion ms", "min", "without ms", "min", "companion", "without", "unit", "times as fast"],
    costs.map(({ kernel, off, on, unit, work }) => {
      const rate = (ms: number) => (work / ms / 1e6).toFixed(1)
      return [
        kernel,
        ...[on.median, on.min, off.median, off.min].map((ms) => ms.toFixed(3)),
        ...[rate(on.median), rate(off.median), unit, (off.median / on.median).toFixed(2)]
      ]
    })
  )
