import { assert, describe, expectTypeOf, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Backend, Errors, Key, Layers, Shape, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { assertClose, randomTensor } from "../../support/numbers.ts"

const key = Key.make(5), mode = { training: true, key }
const run = (program: () => void) =>
  Effect.provide(leavesNoTensor(Backend.tensors("combinators", program)), Backend.layerWasm)

// Gives the key that it is run with, and counts its runs.
const probe = Layers.make<{ readonly hi: number; readonly lo: number }, { readonly runs: number }>({
  name: "probe",
  init: ([hi, lo], input) => Result.succeed({ params: { hi, lo }, state: { runs: 0 }, output: input }),
  apply: (_, { runs }, x, { key, training }) => [
    tf.add(x, tf.tensor1d([...key, training ? 1 : 0])),
    { runs: runs + 1 }
  ]
})

const numbers = ([hi, lo]: Key.Key) => ({ hi, lo })

describe("combinators", () => {
  it.effect("say it when a part is no tensor, which descriptions and data do not forbid", () =>
    run(() => {
      const pair: Layers.Any = Layers.each({ a: Layers.relu, b: Layers.relu })
      const merged: Layers.Any = Layers.concatenate("a", "b"), sum: Layers.Any = Layers.add("a", "b")
      const listed: Layers.Any = Layers.graph({ inputs: ["a", "b"] }, ["sum", Layers.add("0", "1"), ["a", "b"]])
      const features = Layers.make<{}, {}>({
        name: "own",
        init: (_, input) => Result.map(Layers.known("own", "[features]", input), (output) => ({ ...bare, output })),
        apply: (_, state, x) => [x, state]
      })
      const bare = { params: {}, state: {} }
      const of = (input: Shape.ShapeTree) => Tree.map(input, (shape) => tf.zeros(shape as Array<number>), shapes)
      const shapes = { isLeaf: Shape.isShape }
      const refused = (layer: Layers.Any, input: Shape.ShapeTree) =>
        Result.getFailure(layer.init(key, input)).valueOrUndefined?.message
      const deep = { a: { c: [2] }, b: [2] }
      assert.strictEqual(refused(features, { x: [2] }), "own expects [features], got { x: [2] }")
      assert.strictEqual(refused(listed, [4, 3]), "graph expects { 0, 1 }, got [4, 3]")
      const thrown = (layer: Layers.Any, state: unknown, input: Shape.ShapeTree) => {
        try {
          return layer.apply(state, state, of(input), mode)
        } catch (error) {
          return error instanceof Errors.ShapeError ? error.message : error
        }
      }
      for (const [layer, kind] of [[merged, "concatenate"], [sum, "add"]] as const) {
        assert.strictEqual(refused(layer, deep), `${kind} expects { a, b }, got { a: { c: [2] }, b: [2] }`)
        assert.strictEqual(thrown(layer, {}, deep), `${kind} expects { a, b }, got { a: { c }, b }`)
      }
      const two = { a: [2], b: [2] }, states = { a: {}, b: {} }
      const branches = "parallel expects branches of the same shape up to their last axis, got "
      const parallel = Layers.parallel({ one: pair, other: pair })
      assert.strictEqual(
        refused(parallel, two),
        `${branches}{ one: { a: [2], b: [2] }, other: { a: [2], b: [2] } }`
      )
      assert.strictEqual(
        thrown(parallel, { one: states, other: states }, two),
        `${branches}{ one: { a: [2], b: [2] }, other: { a: [2], b: [2] } }`
      )
      const split: Layers.Any = Layers.lambda<Tensor, { readonly x: Tensor }>("split", {
        shape: (x) => ({ x }),
        apply: (x) => ({ x })
      })
      const keeps = "residual expects a layer that keeps the shape [2], got one that gives "
      assert.strictEqual(refused(Layers.residual(split), [2]), `${keeps}{ x: [2] }`)
      assert.strictEqual(thrown(Layers.residual(split), {}, [2]), `${keeps}{ x }`)
    }))

  it.effect("give the i-th child fold(key, i), and thread its state", () =>
    run(() => {
      const model = Layers.named({ a: probe, b: Layers.serial(probe, probe), c: Layers.residual(probe) })
      const { params, state } = Result.getOrThrow(model.init(key, [3]))
      assert.deepStrictEqual(params, {
        a: numbers(Key.fold(key, 0)),
        b: [numbers(Key.fold(Key.fold(key, 1), 0)), numbers(Key.fold(Key.fold(key, 1), 1))],
        c: numbers(Key.fold(key, 2))
      })
      const [, next] = model.apply(params, state, tf.zeros([3]), mode)
      assert.deepStrictEqual(next, { a: { runs: 1 }, b: [{ runs: 1 }, { runs: 1 }], c: { runs: 1 } })
      assert.deepStrictEqual(state, { a: { runs: 0 }, b: [{ runs: 0 }, { runs: 0 }], c: { runs: 0 } })
      const branches = Layers.parallel({ a: probe, b: probe })
      const [y, both] = branches.apply({ a: params.a, b: params.a }, { a: state.a, b: state.a }, tf.zeros([3]), mode)
      assertClose(y, tf.tensor1d([...Key.fold(key, 0), 1, ...Key.fold(key, 1), 1]))
      assert.deepStrictEqual(both, { a: { runs: 1 }, b: { runs: 1 } })
    }))

  it.effect("give each input its layer", () =>
    run(() => {
      const model = Layers.each({
        noise: Layers.dense(2),
        label: Layers.embedding({ size: 3, features: 2 }),
        as: probe
      })
      const { output, params, state } = Result.getOrThrow(model.init(key, { noise: [4], label: [], as: [3] }))
      assert.deepStrictEqual(output, { noise: [2], label: [2], as: [3] })
      assert.deepStrictEqual(params.as, numbers(Key.fold(key, 2)))
      assert.deepStrictEqual(Tree.entries(params).map(([path]) => path), ["noise.kernel", "noise.bias", "label.table"])
      const x = { as: tf.zeros([1, 3]), label: tf.tensor1d([1], "int32"), noise: randomTensor(1, [1, 4]) }
      const [y, next] = model.apply(params, state, x, mode)
      assertClose(y.noise, tf.matMul(x.noise, params.noise.kernel), 1e-6)
      assertClose(y.label, tf.slice(params.label.table, [1, 0], [1, 2]), 0)
      assertClose(y.as, tf.tensor2d([[...Key.fold(key, 2), 1]]))
      assert.deepStrictEqual(next, { noise: {}, label: {}, as: { runs: 1 } })
    }))

  it.effect("compute what they say", () =>
    run(() => {
      const double = Layers.activation("double", (x) => tf.mul(x, 2))
      const square = Layers.activation("square", (x) => tf.square(x))
      const x = tf.tensor2d([[1, 2], [3, 4]])
      const value = (layer: Layers.Layer<never, never>) => layer.apply({} as never, {} as never, x, mode)[0].arraySync()
      assert.deepStrictEqual(Layers.serial(double, square).apply([{}, {}], [{}, {}], x, mode)[0].arraySync(), [
        [4, 16],
        [36, 64]
      ])
      assert.deepStrictEqual(value(Layers.residual(double) as never), [[3, 6], [9, 12]])
      const states = { a: {}, b: {} }
      const concat = Layers.parallel({ a: double, b: square }).apply(states, states, x, mode)[0]
      assert.deepStrictEqual(concat.arraySync(), [[2, 4, 1, 4], [6, 8, 9, 16]])
      const sum = Layers.parallel({ a: double, b: square }, { merge: "add" }).apply(states, states, x, mode)[0]
      assert.deepStrictEqual(sum.arraySync(), [[3, 8], [15, 24]])
    }))

  it("of no layers give what they take, and are built again", () => {
    const build = Layers.build([Layers.serial, Layers.named])
    for (const layer of [Layers.serial(), Layers.named({})]) {
      const built = Result.getOrThrow(build(Result.getOrThrow(Layers.describe(layer))))
      assert.strictEqual(built.name, layer.name)
      const { output, params, state } = Result.getOrThrow(built.init(key, [3]))
      assert.deepStrictEqual([output, built.apply(params, state, 7, mode)[0]], [[3], 7])
    }
  })

  it.effect("say which layer a batch does not fit when they run", () =>
    run(() => {
      const strict = Layers.stateless<{}>({
        name: "strict",
        init: (_, input) => Result.succeed({ params: {}, output: input }),
        apply: (_, x) => x.rank === 2 ? x : Result.getOrThrow(Layers.mismatch("strict", "[features]", x.shape.slice(1)))
      })
      const model = Layers.serial(
        Layers.each({ x: Layers.relu, y: Layers.named({ flat: Layers.identity, strict }) }),
        Layers.concatenate("x", "y")
      )
      const states = [{ x: {}, y: { flat: {}, strict: {} } }, {}] as const
      const x = { x: tf.zeros([1, 2]), y: tf.zeros([1, 2, 3]) }
      for (const observing of [mode, { ...mode, observe: () => {} }]) {
        assert.throws(
          () => model.apply(states, states, x, observing),
          Errors.ShapeError,
          "0.y.strict (strict) expects [features], got [2, 3]"
        )
      }
    }))

  it.effect("have parameters at the paths of their layers", () =>
    run(() => {
      const model = Layers.named({
        stem: Layers.conv2d({ filters: 2, kernelSize: 3, bias: false }),
        norm: Layers.batchNorm(),
        arms: Layers.parallel({
          left: Layers.serial(Layers.relu, Layers.dense(2)),
          right: Layers.residual(Layers.dense(2))
        })
      })
      const { params, state } = Result.getOrThrow(model.init(key, [4, 4, 1]))
      assert.deepStrictEqual(Tree.entries(params).map(([path, { shape }]) => [path, shape]), [
        ["stem.kernel", [3, 3, 1, 2]],
        ["norm.scale", [2]],
        ["norm.offset", [2]],
        ["arms.left.1.kernel", [2, 2]],
        ["arms.left.1.bias", [2]],
        ["arms.right.kernel", [2, 2]],
        ["arms.right.bias", [2]]
      ])
      assert.deepStrictEqual(Tree.entries(state).map(([path]) => path), ["norm.mean", "norm.variance"])
    }))

  it("infer the types of parameters, state, input and output", () => {
    const model = Layers.named({
      conv1: Layers.conv2d({ filters: 2, kernelSize: 3 }),
      norm: Layers.batchNorm({ momentum: 0.99 }),
      tail: Layers.serial(Layers.relu, Layers.flatten, Layers.dense(3, { bias: false })),
      head: Layers.residual(Layers.dense(3))
    })
    type Model = typeof model
    type Weights = { readonly kernel: Tensor; readonly bias: Tensor }
    expectTypeOf<Layers.Params<Model>>().toEqualTypeOf<{
      readonly conv1: Weights
      readonly norm: { readonly scale: Tensor; readonly offset: Tensor }
      readonly tail: readonly [{}, {}, { readonly kernel: Tensor }]
      readonly head: Weights
    }>()
    expectTypeOf<Layers.State<Model>["norm"]>().toEqualTypeOf<{ readonly mean: Tensor; readonly variance: Tensor }>()
    expectTypeOf<Layers.Params<Model>>().toExtend<Tree.Tree>()
    expectTypeOf<Layers.State<Model>>().toExtend<Tree.Tree>()
    expectTypeOf<Layers.Input<Model>>().toEqualTypeOf<Tensor>()
    expectTypeOf<Layers.Output<Model>>().toEqualTypeOf<Tensor>()
    expectTypeOf(model.init).returns.toEqualTypeOf<
      Result.Result<Layers.Initial<Layers.Params<Model>, Layers.State<Model>>, Errors.ShapeError>
    >()
    expectTypeOf(model.init).parameter(1).toEqualTypeOf<Shape.Shape>()
  })

  it("infer records of inputs", () => {
    const model = Layers.serial(
      Layers.each({ noise: Layers.identity, label: Layers.embedding({ size: 3, features: 2 }) }),
      Layers.concatenate("noise", "label"),
      Layers.dense(1)
    )
    expectTypeOf<Layers.Input<typeof model>>().toEqualTypeOf<{ readonly noise: Tensor; readonly label: Tensor }>()
    expectTypeOf<Layers.Params<typeof model>[0]>().toEqualTypeOf<
      { readonly noise: {}; readonly label: { readonly table: Tensor } }
    >()
    expectTypeOf<Layers.Output<typeof model>>().toEqualTypeOf<Tensor>()
    expectTypeOf(model.init).parameter(1).toEqualTypeOf<
      { readonly noise: Shape.Shape; readonly label: Shape.Shape }
    >()
  })

  it.effect("take layers whose input is a tree", () =>
    run(() => {
      type Pair = { readonly left: Tensor; readonly right: Tensor }
      const dot = Layers.stateless<{}, Pair>({
        name: "dot",
        init: (_, { left, right }) =>
          left.length === 1 && left[0] === right[0]
            ? Result.succeed({ params: {}, output: [1] })
            : Layers.mismatch("dot", "[features] twice", `[${left}] and [${right}]`),
        apply: (_, { left, right }) => tf.sum(tf.mul(left, right), -1, true)
      })
      const model = Layers.serial(dot, Layers.dense(1))
      expectTypeOf<Layers.Input<typeof model>>().toEqualTypeOf<Pair>()
      expectTypeOf<Layers.Output<typeof model>>().toEqualTypeOf<Tensor>()
      const { params, state } = Result.getOrThrow(model.init(key, { left: [3], right: [3] }))
      const x = { left: randomTensor(1, [2, 3]), right: randomTensor(2, [2, 3]) }
      assert.deepStrictEqual(model.apply(params, state, x, mode)[0].shape, [2, 1])

      const message = (input: { readonly left: Shape.Shape; readonly right: Shape.Shape }) =>
        Result.match(model.init(key, input), { onSuccess: () => "", onFailure: (error) => error.message })
      assert.strictEqual(message({ left: [3], right: [4] }), "0 (dot) expects [features] twice, got [3] and [4]")
      assert.strictEqual(
        message({ left: [3], right: [0] }),
        "0 (dot) expects positive integers as dimensions, or null for unknown ones, got { left: [3], right: [0] }"
      )
    }))
})
