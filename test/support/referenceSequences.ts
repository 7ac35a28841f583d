import { assert } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { Autodiff, Key, Layers, Tree } from "effect-neuron"
import { readFileSync } from "node:fs"
import { assertClose, toTensor } from "./numbers.ts"
import type { Values } from "./numbers.ts"

type Named = { readonly [path: string]: Values }

/** A case of layers of sequences, computed by PyTorch in float64 and rounded to float32; kernels are `[in, out]`. */
export interface SequenceCase {
  readonly name: string
  // oxlint-disable-next-line typescript/no-explicit-any -- configurations differ from case to case
  readonly config: any
  readonly params: Named
  readonly inputs: Named
  readonly output: Values
  readonly gradOutput: Values
  readonly gradInputs: Named
  readonly gradParams: Named
}

export const sequenceCases = (family: "sequences" | "transformer"): ReadonlyArray<SequenceCase> =>
  JSON.parse(readFileSync(new URL(`../fixtures/${family}.json`, import.meta.url), "utf8")).cases

/** Tensors at their paths as a tree of records. */
export const nested = (named: Named): Tree.Tree => {
  const root: { [key: string]: unknown } = {}
  for (const [path, values] of Object.entries(named)) {
    const keys = path.split("."), last = keys.pop()!
    let at = root
    for (const key of keys) at = (at[key] ??= {}) as typeof root
    at[last] = toTensor(values, last === "x" && values.data.every(Number.isInteger) ? "int32" : "float32")
  }
  return root as Tree.Tree
}

/** Checks shapes, output and gradients of one case; what is not a record with a mask or a memory is one tensor. */
export const checkSequence = (layer: Layers.Any, c: SequenceCase, tolerance = 2e-5): void => {
  const isOne = Object.keys(c.inputs).length === 1, weights = toTensor(c.gradOutput)
  const given = nested(c.inputs) as { readonly x: tf.Tensor }, params = nested(c.params)
  // Ids have no gradient.
  const of = given.x.dtype === "int32" ? {} : given
  const shapes = Tree.map(given, ({ shape }: tf.Tensor) => shape.slice(1))
  const initial = Result.getOrThrow(layer.init(Key.make(0), isOne ? shapes.x : shapes))
  const { aux, grads } = Autodiff.valueAndGrad((p: { readonly params: Tree.Tree; readonly given: Tree.Tree }) => {
    const inputs = { ...given, ...p.given as {} }
    const [y] = layer.apply(p.params, initial.state, isOne ? inputs.x : inputs, { training: true, key: Key.make(0) })
    const values = (Tree.isTensor(y) ? y : y.x) as tf.Tensor
    return [tf.sum(tf.mul(values, weights)), values] as const
  })({ params, given: of })
  assertClose(aux, c.output, tolerance, "output")
  const found = Object.fromEntries([...Tree.entries(grads.params), ...Tree.entries(grads.given)])
  for (const [path, values] of Object.entries({ ...c.gradParams, ...c.gradInputs })) {
    assertClose(found[path]!, values, tolerance, `gradient of ${path}`)
  }
  const shapesOf = (tree: Tree.Tree) => Object.fromEntries(Tree.entries(tree).map(([path, { shape }]) => [path, shape]))
  assert.deepStrictEqual(shapesOf(initial.params), shapesOf(params))
}
