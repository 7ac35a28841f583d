import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { valueAndGrad } from "../autodiff/valueAndGrad.ts"
import type { KernelSet } from "../backend/registry.ts"
import { parseEquation } from "./einsumEquation.ts"

/** A tensor with the names of its axes, each one once. */
interface Named {
  readonly x: Tensor
  readonly axes: ReadonlyArray<string>
}

const product = (sizes: ReadonlyArray<number>): number => sizes.reduce((a, b) => a * b, 1)

const isInOrder = (order: ReadonlyArray<number>): boolean => order.every((axis, i) => axis === i)

const arranged = ({ axes, x }: Named, names: ReadonlyArray<string>): Tensor => {
  const order = names.map((name) => axes.indexOf(name))
  return isInOrder(order) ? x : tf.transpose(x, order)
}

/** Takes the diagonal of two axes that have one name, until there are none. */
const withoutRepeats = ({ axes, x }: Named): Named => {
  const second = axes.findIndex((name, i) => axes.indexOf(name) < i)
  if (second < 0) return { x, axes }
  const first = axes.indexOf(axes[second]!), n = x.shape[first]!
  const rest = [...axes.keys()].filter((axis) => axis !== first && axis !== second)
  const last = tf.reshape(tf.transpose(x, [...rest, first, second]), [-1, n * n])
  // In rows that are one longer, the diagonal is the first column.
  const rows = tf.reshape(tf.pad(last, [[0, 0], [0, n]]), [-1, n, n + 1])
  const diagonal = tf.slice(rows, [0, 0, 0], [-1, -1, 1])
  return withoutRepeats({
    x: tf.reshape(diagonal, [...rest.map((axis) => x.shape[axis]!), n]),
    axes: [...rest, first].map((axis) => axes[axis]!)
  })
}

const summed = ({ axes, x }: Named, keep: ReadonlySet<string>): Named => {
  const over = axes.flatMap((name, axis) => keep.has(name) ? [] : [axis])
  return over.length === 0 ? { x, axes } : { x: tf.sum(x, over), axes: axes.filter((name) => keep.has(name)) }
}

/** The product of two operands, summed over the axes that both have and that nothing else needs. */
const contracted = (left: Named, right: Named, needed: ReadonlySet<string>): Named => {
  const a = summed(left, new Set([...needed, ...right.axes])), b = summed(right, new Set([...needed, ...left.axes]))
  const both = a.axes.filter((name) => b.axes.includes(name))
  const batch = both.filter((name) => needed.has(name)), inner = both.filter((name) => !needed.has(name))
  const ownA = a.axes.filter((name) => !both.includes(name)), ownB = b.axes.filter((name) => !both.includes(name))
  const sizes = (of: Named, names: ReadonlyArray<string>) => names.map((name) => of.x.shape[of.axes.indexOf(name)]!)
  const batchSizes = sizes(a, batch), rows = sizes(a, ownA), columns = sizes(b, ownB), k = product(sizes(a, inner))
  const axes = [...batch, ...ownA, ...ownB], shape = [...batchSizes, ...rows, ...columns]
  const [m, n] = [product(rows), product(columns)], lead = [product(batchSizes)]
  if (inner.length === 0 || k === 0) {
    const times = tf.mul(
      tf.reshape(arranged(a, [...batch, ...ownA, ...inner]), [...lead, m, 1, k]),
      tf.reshape(arranged(b, [...batch, ...ownB, ...inner]), [...lead, 1, n, k])
    )
    return { x: tf.reshape(tf.sum(times, -1), shape), axes }
  }
  // A product transposes for nothing what it reads in either order.
  const innerFirst = (of: Named, own: ReadonlyArray<string>) =>
    isInOrder([...batch, ...inner, ...own].map((name) => of.axes.indexOf(name)))
  const turnA = innerFirst(a, ownA), turnB = !innerFirst(b, ownB)
  const x = tf.matMul(
    tf.reshape(arranged(a, [...batch, ...turnA ? [...inner, ...ownA] : [...ownA, ...inner]]), [
      ...lead,
      ...turnA ? [k, m] : [m, k]
    ]),
    tf.reshape(arranged(b, [...batch, ...turnB ? [...ownB, ...inner] : [...inner, ...ownB]]), [
      ...lead,
      ...turnB ? [n, k] : [k, n]
    ]),
    turnA,
    turnB
  )
  return { x: tf.reshape(x, shape), axes }
}

const compose = (equation: string, tensors: ReadonlyArray<Tensor>): Tensor => {
  const { operands, output } = parseEquation(equation, tensors.map(({ rank }) => rank))
  const sizes = new Map<string, number>()
  tensors.forEach(({ shape }, i) =>
    operands[i]!.forEach((name, axis) => {
      const n = shape[axis]!, before = sizes.get(name) ?? 1
      if (n !== before && n !== 1 && before !== 1) {
        throw new Error(`einsum "${equation}": "${name}" is ${before} long and ${n} long`)
      }
      if (n !== 1) sizes.set(name, n)
    })
  )
  // An axis of 1 where others are longer is broadcast: it is as good as none.
  const named = tensors.map((tensor, i) => {
    const x = tensor.dtype === "float32" ? tensor : tf.cast(tensor, "float32"), axes = operands[i]!
    const kept = axes.flatMap((name, axis) => x.shape[axis] === 1 && sizes.has(name) ? [] : [axis])
    const whole = kept.length === axes.length ? x : tf.reshape(x, kept.map((axis) => x.shape[axis]!))
    return withoutRepeats({ x: whole, axes: kept.map((axis) => axes[axis]!) })
  })
  let result = named[0]!
  named.slice(1).forEach((next, i) => {
    const needed = new Set([...output, ...named.slice(i + 2).flatMap(({ axes }) => axes)])
    result = contracted(result, next, needed)
  })
  const y = arranged(summed(result, new Set(output)), output)
  return tensors.every(({ dtype }) => dtype === "int32") ? tf.cast(y, "int32") : y
}

/**
 * What `tf.einsum` needs on WebAssembly, which has no kernel for it, and to be trained. {@link einsum} needs no more
 * than the operations that it is made of.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Autodiff, Ops } from "effect-neuron"
 *
 * Ops.install(Ops.einsums)
 * const trace = (x: tf.Tensor) => [tf.einsum("ij,ij->", x, x), 0] as const
 * Autodiff.valueAndGrad(trace)(tf.tensor2d([[1, 2]])).grads.arraySync() // => [[2, 4]]
 * ```
 */
export const einsums: KernelSet = {
  gradients: [{
    kernelName: "Einsum",
    saveAllInputs: true,
    gradFunc: (dy, saved, attrs) => {
      let grads: ReadonlyArray<Tensor> | undefined
      const all = () =>
        grads ??= valueAndGrad((tensors: ReadonlyArray<Tensor>) =>
          [tf.sum(tf.mul(dy as Tensor, compose(attrs["equation"] as string, tensors))), []] as const
        )(saved).grads
      return Object.fromEntries(saved.map((_, i) => [i, () => all()[i]!]))
    }
  }],
  kernels: ["wasm", "cpu"].map((backendName) => ({
    kernelName: "Einsum",
    backendName,
    kernel: ({ attrs, inputs }) => tf.tidy(() => compose(attrs["equation"] as string, Object.values(inputs)))
  }))
}

/**
 * Einstein summation: the product of the operands along their named axes, summed over those that the result does not
 * name. Of any number of operands, from left to right; with diagonals (`ii->i`), an ellipsis for axes that are
 * broadcast (`...ij,...jk->...ik`), and without an arrow the letters that stand there once. It is made of
 * transpositions and products of matrices, whose gradients it has. Throws an `Error` that says what of the equation
 * does not fit.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Ops } from "effect-neuron"
 *
 * const a = tf.tensor2d([[1, 2], [3, 4]])
 * Ops.einsum("ii->i", a).arraySync() // => [1, 4]
 * Ops.einsum("ij,kj->ik", a, tf.tensor2d([[1, 1]])).arraySync() // => [[3], [7]]
 * ```
 */
export const einsum = (equation: string, ...tensors: ReadonlyArray<Tensor>): Tensor => compose(equation, tensors)
