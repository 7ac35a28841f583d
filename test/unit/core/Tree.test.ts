import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect, pipe } from "effect"
import { Backend, NdArray, Shape, Tree } from "effect-neuron"
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
    const mapped = Tree.map(tree, (leaf, path) => (paths.push(path), tf.neg(leaf)))
    assert.deepStrictEqual(paths, ["params.kernel", "params.bias", "opt.1.0"])
    assert.deepStrictEqual(values(mapped), [[-1, -2], -3, -5])
    assert.deepStrictEqual([mapped.step, mapped.opt[0].count, mapped.empty, mapped.none], [3, 4, {}, []])
    // The tree that was given is as it was.
    assert.strictEqual(tree.step, 3)
    assert.deepStrictEqual(values(tree), [[1, 2], 3, 5])
  })

  test("mapNumbers gives every number with its path and keeps the tensors", () => {
    const tree = sample(), paths: Array<string> = []
    const mapped = Tree.mapNumbers(tree, (n, path) => (paths.push(path), n + 1))
    assert.deepStrictEqual(paths, ["step", "opt.0.count"])
    assert.deepStrictEqual([mapped.step, mapped.opt[0].count], [4, 5])
    assert.deepStrictEqual(Tree.leaves(mapped), Tree.leaves(tree))
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

  test("refill and zipWith refuse another number of leaves", () => {
    const tree = { a: tf.scalar(1), b: [tf.scalar(2)] }, one = { a: tf.scalar(1) }
    const add = (x: Tensor, y: Tensor) => tf.add(x, y)
    assert.throws(
      () => Tree.refill(tree, [tf.scalar(1)]),
      RangeError,
      "Tree.refill: 2 leaves in the first, 1 in the second"
    )
    assert.throws(() => Tree.refill(one, Tree.leaves(tree)), RangeError, "1 leaves in the first, 2 in the second")
    assert.throws(
      () => Tree.zipWith(tree, one, add),
      RangeError,
      "Tree.zipWith: 2 leaves in the first, 1 in the second"
    )
    assert.throws(() => Tree.zipWith(one, tree, add), RangeError, "1 leaves in the first, 2 in the second")
  })

  test("host arrays are leaves too", () => {
    const tree = { image: NdArray.make([1, 2], [2]), parts: [NdArray.index(2), { last: NdArray.index(3) }] as const }
    assert.deepStrictEqual(Tree.entries(tree).map(([path]) => path), ["image", "parts.0", "parts.1.last"])
    assert.deepStrictEqual(Tree.leaves(tree), [tree.image, tree.parts[0], tree.parts[1].last])
    const batches = Tree.map(tree, ({ data, shape }) => NdArray.make(data, [1, ...shape]))
    assert.deepStrictEqual(batches.parts[1].last, { data: Int32Array.of(3), shape: [1] })
    assert.deepStrictEqual(tree.parts[1].last.shape, [])
    assert.deepStrictEqual(Tree.shapes(batches), { image: [1, 2], parts: [[1], { last: [1] }] })
    assert.deepStrictEqual(Tree.refill(tree, Tree.leaves(batches)), batches)
    assert.deepStrictEqual(
      Tree.zipWith(tree, batches, (a, b) => a.shape.length - b.shape.length),
      { image: -1, parts: [-1, { last: -1 }] }
    )
    assert.deepStrictEqual(Tree.shapes({ step: 3, w: tf.zeros([2, 3]) }), { step: 3, w: [2, 3] } as never)
  })

  test("leaves of another kind are told by isLeaf", () => {
    const tree = { image: [28, 28], parts: [[2], { a: [] }] }, options = { isLeaf: Shape.isShape }
    assert.deepStrictEqual(Tree.leaves(tree, options), [[28, 28], [2], []])
    assert.deepStrictEqual(Tree.entries(tree, options).map(([path]) => path), ["image", "parts.0", "parts.1.a"])
    assert.deepStrictEqual(Tree.map(tree, Shape.size, options), { image: 784, parts: [2, { a: 1 }] })
    assert.deepStrictEqual(pipe(tree, Tree.map(Shape.size, options)), { image: 784, parts: [2, { a: 1 }] })
  })

  test("functions with a subject take it last too", () => {
    const tree = { w: tf.scalar(3), n: 1 }
    assert.deepStrictEqual(pipe(tree, Tree.map((x) => tf.neg(x))).w.dataSync(), Float32Array.of(-3))
    assert.deepStrictEqual(pipe(tree, Tree.mapNumbers((n) => n + 1)), { ...tree, n: 2 })
    assert.deepStrictEqual(pipe(tree, Tree.zipWith(tree, (a, b) => tf.add(a, b))).w.dataSync(), Float32Array.of(6))
    const other = tf.scalar(4)
    assert.deepStrictEqual(pipe(tree, Tree.refill([other])), { w: other, n: 1 })
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
