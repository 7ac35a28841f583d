import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect } from "effect"
import { Backend, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"

const sample = () => ({
  step: 3,
  params: { kernel: tf.tensor1d([1, 2]), bias: tf.scalar(3) },
  opt: [{ count: 4 }, [tf.scalar(5)]] as const,
  empty: {},
  none: [] as ReadonlyArray<Tree.Tree>
})

const values = (tree: Tree.Tree) => Tree.leaves(tree).map((leaf) => leaf.arraySync())

describe("Tree", () => {
  const test = (title: string, body: () => void) =>
    it.effect(title, () => Effect.provide(leavesNoTensor(Backend.tensors("test", body)), Backend.layerCpu))

  test("isTensor tells tensors from everything else", () => {
    assert.isTrue(Tree.isTensor(tf.scalar(1)))
    for (const other of [1, "x", null, undefined, [], {}, { shape: [], dataId: {} }]) {
      assert.isFalse(Tree.isTensor(other))
    }
  })

  test("map gives every leaf with its path and keeps the structure", () => {
    const tree = sample(), paths: Array<string> = []
    const mapped = Tree.map(
      tree,
      (leaf, path) => (paths.push(path), tf.neg(leaf)),
      (n, path) => (paths.push(path), n + 1)
    )
    assert.deepStrictEqual(paths, ["step", "params.kernel", "params.bias", "opt.0.count", "opt.1.0"])
    assert.deepStrictEqual(values(mapped), [[-1, -2], -3, -5])
    assert.deepStrictEqual([mapped.step, mapped.opt[0].count, mapped.empty, mapped.none], [4, 5, {}, []])
    // The tree that was given is as it was.
    assert.strictEqual(tree.step, 3)
    assert.deepStrictEqual(values(tree), [[1, 2], 3, 5])
  })

  test("a leaf is a tree, with an empty path", () => {
    assert.deepStrictEqual(Tree.entries(tf.scalar(1)).map(([path]) => path), [""])
    assert.deepStrictEqual(Tree.numbers(7), { "": 7 })
    assert.deepStrictEqual(Tree.leaves(7), [])
  })

  test("entries, leaves and numbers take the same order", () => {
    const tree = sample()
    assert.deepStrictEqual(Tree.entries(tree).map(([path]) => path), ["params.kernel", "params.bias", "opt.1.0"])
    assert.deepStrictEqual(Tree.entries(tree).map(([, leaf]) => leaf), [...Tree.leaves(tree)])
    assert.deepStrictEqual(Tree.numbers(tree), { "step": 3, "opt.0.count": 4 })
  })

  test("refill puts tensors back in the order of leaves", () => {
    const tree = sample(), others = Tree.leaves(tree).map((leaf) => tf.mul(leaf, 10))
    const filled = Tree.refill(tree, others)
    assert.deepStrictEqual(Tree.leaves(filled), others)
    assert.deepStrictEqual(Tree.numbers(filled), Tree.numbers(tree))
  })

  test("zipWith combines leaf by leaf and keeps the numbers of the first", () => {
    const a = sample(), b = { ...sample(), step: 100 }, paths: Array<string> = []
    const sum = Tree.zipWith(a, b, (x, y, path) => (paths.push(path), tf.sub(tf.mul(x, 3), y)))
    assert.deepStrictEqual(values(sum), [[2, 4], 6, 10])
    assert.deepStrictEqual(paths, ["params.kernel", "params.bias", "opt.1.0"])
    assert.strictEqual(sum.step, 3)
  })

  test("disposeExcept frees what the next tree does not hold, once", () => {
    const old = sample()
    const next = { ...old, params: { ...old.params, bias: tf.scalar(9) } }
    Tree.disposeExcept([old, old], next)
    const disposed = ([leaf]: ReadonlyArray<Tensor>) => leaf!.isDisposed
    assert.isTrue(disposed([old.params.bias]))
    assert.isTrue(Tree.leaves(next).every((leaf) => !leaf.isDisposed))
    Tree.disposeExcept(next)
    assert.isTrue(Tree.leaves(next).every((leaf) => leaf.isDisposed))
    Tree.disposeExcept(next)
  })
})
