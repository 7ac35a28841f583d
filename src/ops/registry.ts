import { getKernel, registerGradient, registerKernel, unregisterKernel } from "@tensorflow/tfjs-core"
import type { GradConfig, KernelConfig, KernelFunc, NamedAttrMap, Tensor, TensorInfo } from "@tensorflow/tfjs-core"

/** What a kernel is called with. Inputs that come through the engine are tensors, not only their descriptions. */
export interface KernelCall {
  readonly inputs: { readonly [name: string]: Tensor }
  readonly attrs: NamedAttrMap
  readonly backend: unknown
}

/**
 * A kernel under its stock name. `stock` is the kernel that it takes the place of, for what it does not cover itself;
 * a kernel that the backend lacks has none.
 */
export interface KernelOverride {
  readonly kernelName: string
  readonly backendName: string
  readonly kernel: (call: KernelCall, stock: KernelFunc) => TensorInfo | Array<TensorInfo>
}

/** Gradients and kernels that belong together and are installed together. */
export interface KernelSet {
  readonly gradients: ReadonlyArray<GradConfig>
  readonly kernels: ReadonlyArray<KernelOverride>
}

// TensorFlow.js keeps one registry of kernels and gradients per process; what is installed in it is process-wide too.
const installed = new Set<KernelSet>()
const started = new Set<string>()

/**
 * Installs a set, once. Gradients are registered at once; kernels as soon as their backend has started, since a
 * backend registers its stock kernels when it is loaded. Sets other than the core one are installed by the layers that
 * need them, so that a program holds only the kernels of its own model. A layer of one's own that calls `tf.conv2d`
 * installs `Backend.convolution` too.
 *
 * @example
 * ```ts
 * import { Backend } from "effect-neuron"
 *
 * // Another kernel under a stock name; `stock` is the one that it takes the place of.
 * const counted: Array<string> = []
 * const relu: Backend.KernelOverride = {
 *   kernelName: "Relu",
 *   backendName: "wasm",
 *   kernel: (call, stock) => {
 *     counted.push("Relu")
 *     return stock(call as never)
 *   }
 * }
 * Backend.install({ gradients: [], kernels: [relu] })
 * ```
 */
export const install = (set: KernelSet): void => {
  if (installed.has(set)) return
  installed.add(set)
  for (const gradient of set.gradients) registerGradient(gradient)
  for (const override of set.kernels) if (started.has(override.backendName)) replace(override)
}

/** Replaces the kernels of a backend that has just been loaded by those of the sets installed so far. */
export const start = (backendName: string): void => {
  if (started.has(backendName)) return
  started.add(backendName)
  for (const set of installed) {
    for (const override of set.kernels) if (override.backendName === backendName) replace(override)
  }
}

const replace = ({ backendName, kernel, kernelName }: KernelOverride): void => {
  const stock: KernelConfig | null | undefined = getKernel(kernelName, backendName)
  if (stock) unregisterKernel(kernelName, backendName)
  const fallback: KernelFunc = stock?.kernelFunc ?? (() => {
    throw new Error(`${kernelName} is not available on the ${backendName} backend for these arguments`)
  })
  registerKernel({
    ...stock,
    kernelName,
    backendName,
    kernelFunc: (call) => kernel(call as unknown as KernelCall, fallback)
  })
}
