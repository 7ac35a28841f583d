import {
  cast as castTo,
  clone,
  engine,
  getBackend,
  getKernel,
  registerGradient,
  registerKernel,
  tidy,
  unregisterKernel
} from "@tensorflow/tfjs-core"
import type { GradConfig, KernelFunc, NamedAttrMap, Tensor, TensorInfo } from "@tensorflow/tfjs-core"

/** What a kernel is called with. Inputs that come through the engine are tensors, not only their descriptions. */
export interface KernelCall {
  readonly inputs: { readonly [name: string]: Tensor }
  readonly attrs: NamedAttrMap
  readonly backend: unknown
}

/**
 * A kernel for one backend. `stock` is what it takes the place of, for calls that it does not cover itself: the kernel
 * that the backend has under this name, or the composition of a name of one's own.
 */
export interface KernelOverride {
  readonly kernelName: string
  readonly backendName: string
  readonly kernel: (call: KernelCall, stock: KernelFunc) => TensorInfo | Array<TensorInfo>
}

/**
 * An operation as others make it up: from its inputs and attributes, by name, to its output or outputs. What it is made
 * of is not on the tape: the gradient is that of the operation.
 */
export type Composition = (inputs: never, attrs: never) => Tensor | ReadonlyArray<Tensor>

/** What belongs to an operation, or to some that come together, and is installed at once. */
export interface KernelSet {
  readonly gradients: ReadonlyArray<GradConfig>
  /** Kernels written for a backend. */
  readonly kernels: ReadonlyArray<KernelOverride>
  /** What serves on all other backends, and where a kernel does not cover a call; by kernel name. */
  readonly compositions?: { readonly [kernelName: string]: Composition }
  /**
   * What kernels are given in place of what they do not take, on every backend: floats for integers and booleans, or
   * integers for booleans; by kernel name. The stock kernels read them as what they are not, or leave the output
   * unwritten.
   */
  readonly takes?: { readonly [kernelName: string]: "floats" | "numbers" }
}

// TensorFlow.js keeps one registry of kernels and gradients per process; what is installed in it is process-wide too.
const installed = new Set<KernelSet>()
const started = new Set<string>()

/**
 * Installs a set, once, for the whole process. Gradients are registered at once; kernels as soon as their backend has
 * started, since a backend registers its stock kernels when it is loaded.
 *
 * The functions of `Ops` install what they need themselves, and in Node everything is there for TensorFlow.js's own
 * functions too. What is left for this function are kernels and gradients of one's own, and in a bundled page, which
 * holds only what its model needs, those of TensorFlow.js's own functions: a layer that calls `tf.conv2d` there
 * installs `Ops.convolution`.
 *
 * @example
 * ```ts
 * import { Ops } from "effect-neuron"
 *
 * // Another kernel under a stock name; `stock` is the one that it takes the place of.
 * const counted: Array<string> = []
 * const relu: Ops.KernelOverride = {
 *   kernelName: "Relu",
 *   backendName: "wasm",
 *   kernel: (call, stock) => {
 *     counted.push("Relu")
 *     return stock(call as never)
 *   }
 * }
 * Ops.install({ gradients: [], kernels: [relu] })
 * ```
 */
export const install = (set: KernelSet): void => {
  if (installed.has(set)) return
  installed.add(set)
  for (const gradient of set.gradients) registerGradient(gradient)
  for (const backendName of started) place(set, backendName)
}

/** Puts the kernels of the sets installed so far in their places on a backend that has just been loaded. */
export const start = (backendName: string): void => {
  if (started.has(backendName)) return
  started.add(backendName)
  for (const set of installed) place(set, backendName)
}

const place = ({ compositions = {}, kernels, takes = {} }: KernelSet, backendName: string): void => {
  for (const [kernelName, composition] of Object.entries(compositions)) {
    replace(kernelName, backendName, composed(composition))
  }
  for (const override of kernels) {
    if (override.backendName !== backendName) continue
    const { kernel, kernelName } = override
    const stock: KernelFunc = getKernel(kernelName, backendName)?.kernelFunc ?? (() => {
      throw new Error(`${kernelName} is not available on the ${backendName} backend for these arguments`)
    })
    replace(kernelName, backendName, (call) => kernel(call as unknown as KernelCall, stock))
  }
  for (const [kernelName, kind] of Object.entries(takes)) {
    const kernel = getKernel(kernelName, backendName)?.kernelFunc
    if (kernel) replace(kernelName, backendName, given(kind, kernel))
  }
}

/** A kernel whose inputs are cast where it does not take what they are. */
const given = (kind: "floats" | "numbers", kernel: KernelFunc): KernelFunc => {
  const isOther = ({ dtype }: Tensor) => dtype === "bool" || kind === "floats" && dtype === "int32"
  return (call) => {
    // What is left out is undefined.
    const inputs = call.inputs as unknown as { readonly [name: string]: Tensor | undefined }, cast: Array<Tensor> = []
    for (const name in inputs) if (inputs[name] && isOther(inputs[name])) cast.push(inputs[name])
    if (cast.length === 0) return kernel(call)
    const whole = cast.map((input) => castTo(input, kind === "floats" ? "float32" : "int32"))
    const other = (input: Tensor | undefined) => input && (whole[cast.indexOf(input)] ?? input)
    const output = kernel({
      ...call,
      inputs: (Array.isArray(inputs)
        ? inputs.map(other)
        : Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, other(input)]))) as never
    })
    for (const tensor of whole) tensor.dispose()
    return output
  }
}

const replace = (kernelName: string, backendName: string, kernelFunc: KernelFunc): void => {
  const stock = getKernel(kernelName, backendName)
  if (stock) unregisterKernel(kernelName, backendName)
  registerKernel({ ...stock, kernelName, backendName, kernelFunc })
}

const composed = (composition: Composition): KernelFunc => ({ attrs, inputs }) =>
  tidy(() => {
    const outputs = composition(inputs as never, attrs as never), given = Object.values(inputs)
    // The engine would take an output that is an input for both.
    const own = (output: Tensor) => given.includes(output) ? clone(output) : output
    return (Array.isArray(outputs) ? outputs.map(own) : own(outputs as Tensor)) as Tensor
  })

/**
 * Runs an operation by its kernel name, from its inputs and attributes, by name: by the kernel that the backend in
 * force has, or by its composition. Its set is installed with its first call. This is what the functions of `Ops` are
 * made of.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * const cubes: Ops.KernelSet = {
 *   gradients: [Ops.gradientOf("Cube", ["x"], (dy, { x }) => ({ x: () => tf.mul(dy, tf.mul(3, tf.square(x))) }))],
 *   kernels: [],
 *   compositions: { Cube: ({ x }: { readonly x: tf.Tensor }) => tf.mul(x, tf.square(x)) }
 * }
 * const cube = (x: tf.Tensor): tf.Tensor => Ops.run(cubes, "Cube", { x })
 * cube(tf.tensor1d([2, -1])).arraySync() // => [8, -1]
 * ```
 */
export const run = <Outputs = Tensor>(
  set: KernelSet,
  kernelName: string,
  inputs: { readonly [name: string]: Tensor } | ReadonlyArray<Tensor>,
  attrs: object = {}
): Outputs => {
  ready(set)
  return engine().runKernel(kernelName, inputs as { [name: string]: Tensor }, attrs as NamedAttrMap) as Outputs
}

/** Installs what a function of TensorFlow.js needs that is called next. */
export const ready = (set: KernelSet): void => {
  install(set)
  // A backend may have been started without the layers of this package.
  start(getBackend())
}
