import { assert } from "@effect/vitest"
import { add, mul, sum, tidy } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Autodiff, Tree } from "effect-neuron"
import { randomTensor } from "./numbers.ts"

/**
 * Compares the gradient of a scalar function of a tree with central differences along a random direction for each leaf.
 * In float32 a difference is exact to about 1e-3 of the value; a kink between the two points spoils it, so that the
 * best of several widths counts.
 */
export const checkGradients = <P extends Tree.Tree>(
  f: (params: P) => Tensor,
  params: P,
  { tolerance = 5e-3, widths = [1e-2, 4e-3, 1e-3] }: {
    readonly tolerance?: number
    readonly widths?: ReadonlyArray<number>
  } = {}
): void => {
  const gradients = Tree.entries(tidy(() => Autodiff.valueAndGrad((p: P) => [f(p), 0] as const)(params).grads as never))
  const at = (target: string, direction: Tensor, width: number): number =>
    tidy(() => f(Tree.map(params, (x, path) => path === target ? add(x, mul(direction, width)) : x)).dataSync()[0]!)
  gradients.forEach(([path, gradient], i) => {
    const direction = randomTensor(100 + i, gradient.shape)
    const slope = tidy(() => sum(mul(gradient, direction)).dataSync()[0]!)
    let best = Infinity
    for (const width of widths) {
      const difference = (at(path, direction, width) - at(path, direction, -width)) / (2 * width)
      best = Math.min(best, Math.abs(difference - slope) / Math.max(1, Math.abs(difference)))
      if (best <= tolerance) break
    }
    if (!(best <= tolerance)) {
      assert.fail(`gradient of ${path === "" ? "the argument" : path}: off by ${best.toExponential(1)}, slope ${slope}`)
    }
    gradient.dispose()
    direction.dispose()
  })
}
