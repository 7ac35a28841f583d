import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Autodiff } from "effect-neuron"
import { readFileSync } from "node:fs"

/** Numbers as JSON has them: those that it lacks are strings. Of values that are all the same there is one. */
interface Edge {
  readonly shape: ReadonlyArray<number>
  readonly data: ReadonlyArray<number | string>
  readonly dtype?: "int32" | "bool"
}

/** A case of test/fixtures/edges.json; test/fixtures/edges/common.py says what is in it. */
interface EdgeCase {
  readonly op: string
  // oxlint-disable-next-line typescript/no-explicit-any -- configurations differ from operation to operation
  readonly config?: any
  readonly inputs: ReadonlyArray<Edge>
  readonly outputs: ReadonlyArray<Edge>
  readonly by?: ReadonlyArray<number>
  readonly first?: ReadonlyArray<Edge>
  readonly second?: ReadonlyArray<Edge>
}

// oxlint-disable-next-line typescript/no-explicit-any -- as above
export type EdgeOperation = (inputs: ReadonlyArray<any>, config: any) => Tensor | ReadonlyArray<Tensor>

export const edgeCases = (): ReadonlyArray<EdgeCase> =>
  JSON.parse(readFileSync(new URL("../fixtures/edges.json", import.meta.url), "utf8")).cases

const P = [1, -0.5, 2, 0.25, -1.5, 0.75, 3], Q = [0.5, 1, -1, 2, -0.25]

const sizeOf = (shape: ReadonlyArray<number>): number => shape.reduce((a, b) => a * b, 1)

const numbers = ({ data, shape }: Edge): ReadonlyArray<number> =>
  Array.from({ length: sizeOf(shape) }, (_, i) => Number(data[data.length === 1 ? 0 : i]))

const tensorOf = (edge: Edge): Tensor => tf.tensor([...numbers(edge)], [...edge.shape], edge.dtype ?? "float32")

const weighted = (tensors: ReadonlyArray<Tensor>, weights: ReadonlyArray<number>): Tensor =>
  tensors.filter(({ dtype }) => dtype === "float32").reduce<Tensor>((total, x) => {
    const pattern = tf.tensor(Array.from({ length: x.size }, (_, i) => weights[i % weights.length]!), x.shape)
    return tf.add(total, tf.sum(tf.mul(x, pattern)))
  }, tf.scalar(0))

const near = (x: number, right: number): boolean =>
  Object.is(x, right) || x === right || Math.abs(x - right) <= 1e-5 * Math.max(1, Math.abs(right))

/** Of second order NaN will do for what is infinite. */
const neither = (x: number, right: number): boolean => Number.isNaN(x) && !Number.isFinite(right)

/** What differs in two tensors: relative to the larger of the value and 1, or of which only one is NaN or infinite. */
const difference = (
  found: Tensor,
  expected: Edge,
  same: (x: number, right: number) => boolean = near
): ReadonlyArray<string> => {
  if (`${found.shape}` !== `${expected.shape}`) return [`[${found.shape}] for [${expected.shape}]`]
  const wanted = numbers(expected)
  return Array.from(found.dataSync()).flatMap((x, i) => same(x, wanted[i]!) ? [] : [`at ${i}: ${x} for ${wanted[i]}`])
}

const describe = ({ config, inputs, op }: EdgeCase): string =>
  `${op}(${inputs.map(({ data, dtype = "", shape }) => `${dtype}[${shape}] ${`${data}`.slice(0, 20)}`).join("; ")})`
  + (config === undefined ? "" : JSON.stringify(config))

/**
 * What an operation gives at the edges that differs from what is stored. It may refuse integers, and images of nothing.
 */
export const differences = (edge: EdgeCase, f: EdgeOperation): ReadonlyArray<string> =>
  tf.tidy(() => {
    const { by = [], config, first = [], inputs, outputs, second = [] } = edge, given = inputs.map(tensorOf)
    const xs = by.map((i) => given[i]!)
    const run = (xs: ReadonlyArray<Tensor>): ReadonlyArray<Tensor> => {
      const all = [...given]
      xs.forEach((x, i) => {
        all[by[i]!] = x
      })
      return [f(all, config)].flat() as ReadonlyArray<Tensor>
    }
    const gradient = (xs: ReadonlyArray<Tensor>) =>
      Autodiff.valueAndGrad((ys: ReadonlyArray<Tensor>) => [weighted(run(ys), P), 0] as const)(xs).grads
    const slopes = (xs: ReadonlyArray<Tensor>) => [weighted(gradient(xs), Q), 0] as const
    try {
      const report = outputs.flatMap((right, i) => difference(run(xs)[i]!, right).map((what) => `value ${i} ${what}`))
      if (first.length > 0) {
        const found = gradient(xs)
        report.push(...first.flatMap((right, i) => difference(found[i]!, right).map((what) => `gradient ${i} ${what}`)))
      }
      if (second.length > 0) {
        const found = Autodiff.valueAndGrad(slopes)(xs).grads,
          same = (x: number, y: number) => near(x, y) || neither(x, y)
        report.push(
          ...second.flatMap((right, i) => difference(found[i]!, right, same).map((what) => `second order ${i} ${what}`))
        )
      }
      return report.map((what) => `${describe(edge)} ${what}`)
    } catch (error) {
      const { message } = error as Error
      const refused = inputs.some(({ dtype }) => dtype !== undefined) && /must be float32|dtype must be/.test(message)
        || given.some(({ size }) => size === 0) && message.includes("not empty")
      return refused ? [] : [`${describe(edge)} throws ${message}`]
    }
  })
