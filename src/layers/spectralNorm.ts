import { div, matMul, maximum, mul, norm, reshape, sum, tensor } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { stopGradient } from "../autodiff/stopGradient.ts"
import { fold } from "../core/Key.ts"
import { positiveInteger } from "../core/Kind.ts"
import type { Kind } from "../core/Kind.ts"
import * as Random from "../core/Random.ts"
import { isTensor } from "../core/Tree.ts"
import type { Tree } from "../core/Tree.ts"
import { spend } from "./allowance.ts"
import { kind } from "./kind.ts"
import { make, mismatch } from "./Layer.ts"
import type { Any, Layer } from "./Layer.ts"

/**
 * The running state of {@link spectralNorm}: approximate singular vectors of the kernel, `v` of the side of its rows
 * and `u` of that of its columns, and the state of the layer.
 */
export type SpectralState<S> = { readonly u: Tensor; readonly v: Tensor; readonly layer: S }

/** The options of {@link spectralNorm}. */
export interface SpectralNormOptions {
  /** How often the power iteration is done in each training step, by default once. */
  readonly iterations?: number
}

// The vectors start better than at random: nothing is trained yet, and evaluation must not be far off before it is.
const FIRST_ITERATIONS = 15

/**
 * A layer (`dense`, `conv2d`, `conv2dTranspose`) whose kernel is divided by its spectral norm σ, its largest singular
 * value, so that it is Lipschitz continuous with a constant near 1; for critics (Miyato, Kataoka, Koyama, Yoshida:
 * "Spectral normalization for generative adversarial networks", 2018). Parameters and their paths are those of the
 * layer; the kernel among them is the one before the division.
 *
 * The kernel counts as a matrix W whose columns are its last axis and whose rows are all others. (Of `conv2dTranspose`
 * that is the matrix of the convolution that it is the adjoint of, as in Keras; PyTorch takes its output channels.)
 * Each run in training does one step of the power iteration, v = W u / |W u| and u = Wᵀ v / |Wᵀ v|, and divides by σ =
 * vᵀ W u. Gradients flow through σ, with u and v as constants. When not training, u and v are used and kept. Throws a
 * `RangeError` for iterations that are not a positive integer; `init` fails for a layer without a kernel.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Key, Layers } from "effect-neuron"
 *
 * const critic = Layers.serial(
 *   Layers.spectralNorm(Layers.conv2d({ filters: 64, kernelSize: 4, strides: 2 })),
 *   Layers.leakyRelu(),
 *   Layers.flatten,
 *   Layers.spectralNorm(Layers.dense(1))
 * )
 * const { params, state } = Result.getOrThrow(critic.init(Key.make(0), [28, 28, 1]))
 * params[0].kernel.shape // => [4, 4, 1, 64]
 * state[0].u.shape // => [64]
 * ```
 */
export const spectralNorm = /* @__PURE__ */ kind("spectralNorm", {
  options: { iterations: { type: positiveInteger, default: 1 } },
  children: "one",
  perStep: "children",
  given: (layer: Any, options: SpectralNormOptions = {}) => [options, [["", layer]]],
  make: ({ iterations }, children) => normalized(children[0]![1], iterations)
}) as
  & (<P extends WithKernel, S extends Tree, X extends Tree = Tensor, Y extends Tree = Tensor>(
    layer: Layer<P, S, X, Y>,
    options?: SpectralNormOptions
  ) => Layer<P, SpectralState<S>, X, Y>)
  & Kind

type WithKernel = { readonly kernel: Tensor; readonly [name: string]: Tree }

const normalized = <P extends WithKernel, S extends Tree, X extends Tree, Y extends Tree>(
  layer: Layer<P, S, X, Y>,
  iterations: number
): Layer<P, SpectralState<S>, X, Y> =>
  make<P, SpectralState<S>, X, Y>({
    name: "spectralNorm",
    init: (key, input) =>
      Result.flatMap(layer.init(key, input), ({ output, params, state }) => {
        const kernel: Tensor | undefined = params.kernel
        if (!isTensor(kernel) || kernel.rank < 2) return mismatch("spectralNorm", "a layer with a kernel", layer.name)
        const columns = kernel.shape.at(-1)!
        spend(columns + kernel.size / columns)
        // The numbers that the layer folds into its key are small.
        const start = unit(tensor(Random.normal(fold(key, 0xffff_ffff), columns), [columns]))
        const { u, v } = powerIteration(asMatrix(kernel), start, FIRST_ITERATIONS)
        return Result.succeed({ params, state: { u, v, layer: state }, output })
      }),
    apply: (params, state, x, mode) => {
      const matrix = asMatrix(params.kernel)
      const { u, v } = mode.training ? powerIteration(matrix, state.u, iterations) : state
      // vᵀ W u, whose gradient by W is the product v uᵀ.
      const sigma = sum(mul(matrix, mul(reshape(v, [-1, 1]), u)))
      const [y, next] = layer.apply({ ...params, kernel: mul(params.kernel, div(1, sigma)) }, state.layer, x, mode)
      return [y, mode.training || next !== state.layer ? { u, v, layer: next } : state]
    }
  })

const asMatrix = (kernel: Tensor): Tensor => reshape(kernel, [-1, kernel.shape.at(-1)!])

const unit = (x: Tensor): Tensor => div(x, maximum(norm(x), 1e-12))

/** The product of a matrix, or of its transpose, with a vector. */
const times = (matrix: Tensor, vector: Tensor, transposed = false): Tensor =>
  reshape(matMul(matrix, reshape(vector, [-1, 1]), transposed), [-1])

const powerIteration = (
  matrix: Tensor,
  start: Tensor,
  iterations: number
): { readonly u: Tensor; readonly v: Tensor } => {
  let u = start, v: Tensor | undefined
  for (let i = 0; i < iterations; i++) {
    const from = u
    const onRows = stopGradient(() => unit(times(matrix, from)))
    v = onRows
    u = stopGradient(() => unit(times(matrix, onRows, true)))
  }
  return { u, v: v! }
}
