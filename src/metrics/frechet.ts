import { EigenvalueDecomposition, Matrix } from "ml-matrix"
import type { NdArray } from "../core/NdArray.ts"
import { pairOf, samplesOf } from "./samples.ts"
import type { Samples } from "./samples.ts"

/** The mean and the covariance of features, the sums of squares divided by `n - 1`. */
const momentsOf = ({ data, dimensions, n }: Samples) => {
  const mean = new Float64Array(dimensions)
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < dimensions; j++) mean[j]! += data[i * dimensions + j]! / n
  }
  // Centered before they are multiplied: the difference of two large sums would cancel.
  const row = new Float64Array(dimensions)
  const sums = Array.from({ length: dimensions }, (_, j) => new Float64Array(j + 1))
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < dimensions; j++) row[j] = data[i * dimensions + j]! - mean[j]!
    for (let j = 0; j < dimensions; j++) {
      const to = sums[j]!, value = row[j]!
      for (let k = 0; k <= j; k++) to[k]! += value * row[k]!
    }
  }
  const covariance = Matrix.zeros(dimensions, dimensions)
  sums.forEach((values, j) =>
    values.forEach((sum, k) => {
      covariance.set(j, k, sum / (n - 1))
      covariance.set(k, j, sum / (n - 1))
    })
  )
  return { mean, covariance }
}

/** The eigenvectors of a covariance as columns, and the roots of its eigenvalues; those of 0 may come out below it. */
const eigen = (symmetric: Matrix) => {
  const { eigenvectorMatrix, realEigenvalues } = new EigenvalueDecomposition(symmetric, { assumeSymmetric: true })
  return { roots: realEigenvalues.map((value) => Math.sqrt(Math.max(0, value))), vectors: eigenvectorMatrix }
}

/** `R = V D^(1/2)` of a covariance `V D V'`: `R R'` is the covariance. */
const rootOf = (covariance: Matrix): Matrix => {
  const { roots, vectors } = eigen(covariance)
  return vectors.mulRowVector(roots)
}

/**
 * The trace of `(A B)^(1/2)`, of the root `R` of `A`. The matrix `A B` has the eigenvalues of `R' B R`, which is
 * symmetric and has none below 0 whatever the rank of `A` and `B`.
 */
const traceOfRoot = (r: Matrix, b: Matrix): number => {
  const product = r.transpose().mmul(b).mmul(r)
  return eigen(product.add(product.transpose()).div(2)).roots.reduce((sum, root) => sum + root, 0)
}

/**
 * The Fréchet distance between two sets of features, `[n, features]` and `[m, features]`, each taken for a sample of a
 * normal distribution: `|μ1 - μ2|² + Tr(C1 + C2 - 2 (C1 C2)^(1/2))`, in squared units of the features, 0 for equal sets
 * up to a relative error of about 1e-7 (Heusel, Ramsauer, Unterthiner, Nessler, Hochreiter: "GANs trained by a two
 * time-scale update rule converge to a local Nash equilibrium", 2017, whose FID is this of the features of an Inception
 * network). It is `NaN` when a feature is not finite.
 *
 * The features of a classifier are what its layers before the head give. A `named` model of these layers takes the
 * weights of the whole one, as below. Distances are compared for the same classifier and the same number of samples
 * only: with fewer samples they are larger. The time goes with `n features²` and `features³`: about 0.2 s for 1,000
 * samples of 128 features, 2 s for 2,000 of 512. Throws a `RangeError` for other shapes and fewer than two samples.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Backend, Key, Layers, Metrics, NdArray, Optimizers, Random, Train } from "effect-neuron"
 *
 * const body = { hidden: Layers.dense(4), tanh: Layers.tanh }
 * const classifier = Layers.named({ ...body, head: Layers.dense(10) }), features = Layers.named(body)
 * const images = (seed: number, deviation: number) =>
 *   NdArray.make(Random.normal(Key.make(seed), 100 * 9, { stddev: deviation }), [100, 9])
 *
 * const program = Effect.gen(function*() {
 *   const optimizer = Optimizers.adam(1e-3)
 *   // In earnest the state of a training, or of a checkpoint.
 *   const weights = yield* Train.init({ model: classifier, optimizer, input: [9], key: Key.make(1) })
 *   const featuresOf = (x: NdArray.NdArray) =>
 *     Train.predict(Stream.make({ x }), features, weights).pipe(Stream.runCollect, Effect.map(NdArray.concat))
 *   const real = yield* featuresOf(images(1, 1))
 *   const good = yield* featuresOf(images(2, 1)), bad = yield* featuresOf(images(3, 0.2))
 *   return [Metrics.frechetDistance(real, good), Metrics.frechetDistance(real, bad)]
 * })
 * const [good, bad] = await Effect.runPromise(Effect.provide(program, Backend.layerWasm))
 * good! < bad! / 5 // => true
 * ```
 */
export const frechetDistance = (a: NdArray, b: NdArray): number => {
  pairOf(a, b, asked)
  return frechetDistanceTo(a)(b)
}

const asked = { by: "frechetDistance", columns: "features", least: 2 }

/**
 * The {@link frechetDistance} of many sets of features to one, `reference`: what depends on the reference alone, about
 * half of the work, is done once.
 *
 * @example
 * ```ts
 * import { Metrics, NdArray } from "effect-neuron"
 *
 * const distance = Metrics.frechetDistanceTo(NdArray.make([1, 2, 1, 2], [2, 2]))
 * distance(NdArray.make([4, 6, 4, 6], [2, 2])) // => 25
 * distance(NdArray.make([1, 3, 1, 3], [2, 2])) // => 1
 * ```
 */
export const frechetDistanceTo = (reference: NdArray): (features: NdArray) => number => {
  const left = momentsOf(samplesOf(reference, asked)), { shape } = reference
  let root: Matrix | undefined
  return (features) => {
    const [, second] = pairOf({ data: EMPTY, shape }, features, asked), right = momentsOf(second)
    let distance = 0
    left.mean.forEach((value, j) => {
      distance += (value - right.mean[j]!) ** 2 + left.covariance.get(j, j) + right.covariance.get(j, j)
    })
    // The decomposition would not end.
    if (!Number.isFinite(distance)) return NaN
    root ??= rootOf(left.covariance)
    // What rounding leaves of equal sets may be below 0.
    return Math.max(0, distance - 2 * traceOfRoot(root, right.covariance))
  }
}

// The values of the reference are not kept.
const EMPTY = new Float32Array(0)
