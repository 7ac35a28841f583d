import { assert, describe, it } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Backend, Errors, Initializers, Key, Kind, Layers, Shape, Tree } from "effect-neuron"
import { leavesNoTensor } from "../../support/backend.ts"
import { randomTensor } from "../../support/numbers.ts"

const key = Key.make(5)
const run = (program: () => void) =>
  Effect.provide(leavesNoTensor(Backend.tensors("descriptions", program)), Backend.layerWasm)

const { conv2d, dense, relu } = Layers
const image = [6, 5, 2]

/** For each kind: layers of it with options at their default and others, and the shape that they take. */
const table: { readonly [K in Layers.KindName]: readonly [input: Shape.ShapeTree, ...layers: Array<Layers.Any>] } = {
  add: [{ a: [3, 2], b: [3, 2], c: [3, 2] }, Layers.add("b", "a"), Layers.add("a", "b", "c")],
  avgPool2d: [image, Layers.avgPool2d(2), Layers.avgPool2d({ poolSize: [2, 3], strides: 1, padding: "same" })],
  batchNorm: [[4], Layers.batchNorm(), Layers.batchNorm({ momentum: 0.5, epsilon: 1e-3 })],
  concatenate: [{ a: [3, 2], b: [4] }, Layers.concatenate("b", "a")],
  conv2d: [
    image,
    conv2d({ filters: 3, kernelSize: 3 }),
    conv2d({ filters: 3, kernelSize: [3, 1], strides: [1, 2], padding: "valid", bias: false }),
    conv2d({ filters: 3, kernelSize: 2, dilations: 2, kernelInitializer: Initializers.orthogonal({ gain: 2 }) })
  ],
  conv2dTranspose: [
    image,
    Layers.conv2dTranspose({ filters: 3, kernelSize: 3, strides: 2 }),
    Layers.conv2dTranspose({
      filters: 3,
      kernelSize: [3, 1],
      strides: [1, 2],
      padding: "valid",
      kernelInitializer: Initializers.normal({ mean: 1, stddev: 0.5 }),
      biasInitializer: Initializers.constant(0.25)
    })
  ],
  dense: [
    [4],
    dense(3),
    dense(3, { bias: false }),
    dense(2, {
      kernelInitializer: Initializers.truncatedNormal({ stddev: 2 }),
      biasInitializer: Initializers.uniform({ low: 1, high: 2 })
    })
  ],
  dropout: [[40], Layers.dropout(0.25)],
  each: [{ x: [3], y: [4, 2] }, Layers.each({ x: relu, y: dense(2) })],
  elu: [[4], Layers.elu],
  embedding: [
    [3],
    Layers.embedding({ size: 5, features: 2 }),
    Layers.embedding({ size: 5, features: 2, tableInitializer: Initializers.heNormal })
  ],
  flatten: [image, Layers.flatten],
  frozen: [[4], Layers.frozen(dense(2)), Layers.frozen(Layers.batchNorm())],
  gaussianNoise: [[4], Layers.gaussianNoise(0.5)],
  gelu: [[4], Layers.gelu],
  geluTanh: [[4], Layers.geluTanh],
  globalAvgPool2d: [image, Layers.globalAvgPool2d],
  globalMaxPool2d: [image, Layers.globalMaxPool2d],
  graph: [
    { x: [4], y: [4] },
    Layers.graph(
      { inputs: { x: "a", y: "b" }, outputs: ["head", "wide"] },
      ["joined", Layers.concatenate("0", "1"), ["a", "b"]],
      ["wide", dense(3)],
      ["parts", Layers.each({ left: relu, right: dense(2) }), { left: "wide", right: "joined" }],
      ["both", Layers.concatenate("left", "right")],
      ["head", dense(1)]
    )
  ],
  groupNorm: [[4], Layers.groupNorm({ groups: 2 }), Layers.groupNorm({ groups: 1, epsilon: 1 })],
  identity: [[4], Layers.identity],
  instanceNorm: [image, Layers.instanceNorm(), Layers.instanceNorm({ epsilon: 1 })],
  layerNorm: [image, Layers.layerNorm(), Layers.layerNorm({ axes: 2, epsilon: 1 })],
  leakyRelu: [[4], Layers.leakyRelu(), Layers.leakyRelu(0.01)],
  logSoftmax: [[4], Layers.logSoftmax],
  maxPool2d: [image, Layers.maxPool2d([1, 2]), Layers.maxPool2d({ poolSize: 3, strides: [1, 2], padding: "same" })],
  multiply: [{ a: [3, 2], b: [3, 2] }, Layers.multiply("a", "b")],
  named: [
    [4],
    Layers.named({ hidden: dense(3), act: relu, norm: Layers.batchNorm(), head: dense(1) }),
    Layers.named({})
  ],
  parallel: [
    [4],
    Layers.parallel({ a: dense(3), b: relu }),
    Layers.parallel({ a: dense(4), b: Layers.serial(dense(4), relu) }, { merge: "add" })
  ],
  relu: [[4], relu],
  rescale: [[4], Layers.rescale({ scale: 1 / 255 }), Layers.rescale({ scale: 2, offset: -1 })],
  reshape: [[4], Layers.reshape([2, -1]), Layers.reshape([1, 4])],
  residual: [[4], Layers.residual(dense(4)), Layers.residual(Layers.residual(relu))],
  selu: [[4], Layers.selu],
  sequence: [[4], Layers.sequence(["a", dense(3)], ["b", relu])],
  serial: [
    [4],
    Layers.serial(),
    Layers.serial(...[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11].map((units) => dense(units)))
  ],
  sigmoid: [[4], Layers.sigmoid],
  softmax: [[4], Layers.softmax],
  softplus: [[4], Layers.softplus],
  spectralNorm: [[4], Layers.spectralNorm(dense(3)), Layers.spectralNorm(dense(3), { iterations: 2 })],
  swish: [[4], Layers.swish],
  tanh: [[4], Layers.tanh],
  upsample2d: [image, Layers.upsample2d(2), Layers.upsample2d({ size: [1, 2], interpolation: "bilinear" })]
}

/** What is exported and makes no layers that can be data, and why. */
const others: { readonly [name: string]: string } = {
  make: "its functions are the user's",
  stateless: "its functions are the user's",
  activation: "its function is the user's",
  lambda: "its functions are the user's",
  activations: "reads a model",
  applyChild: "a part of combinators",
  childrenOf: "a part of combinators",
  under: "a part of combinators",
  known: "a check",
  summary: "reads a model",
  formatSummary: "shows what was read",
  mismatch: "an error",
  kind: "makes kinds",
  kinds: "the list of kinds",
  build: "makes layers of descriptions",
  describe: "describes them"
}

const throughText = (layer: Layers.Any): Layers.Any => {
  const text = JSON.stringify(Result.getOrThrow(Layers.describe(layer)))
  return Result.getOrThrow(Layers.build(Layers.kinds)(JSON.parse(text)))
}

const batch = (input: Shape.ShapeTree, seed = 3): Tree.Tree =>
  Shape.isShape(input)
    ? randomTensor(seed, [7, ...input as Shape.Known])
    : Object.fromEntries(Object.entries(input).map(([name, shape], i) => [name, batch(shape, seed + i)]))

const values = (tree: Tree.Tree) => Tree.entries(tree).map(([path, x]) => [path, x.shape, x.dataSync()])

const failure = (result: Result.Result<unknown, Errors.DescriptionError>): string => {
  assert.isTrue(Result.isFailure(result))
  const error = Result.getFailure(result).valueOrUndefined!
  assert.instanceOf(error, Errors.DescriptionError)
  return error.message
}

/** An object as JSON gives it, also with a key that is special in JavaScript. */
const parsed = (text: string): unknown => JSON.parse(text)

const nested = (depth: number): string =>
  `${`{"kind":"residual","children":{"":`.repeat(depth)}{"kind":"relu"}${"}}".repeat(depth)}`

const wrong: ReadonlyArray<readonly [json: unknown, message: string]> = [
  [undefined, "description: expected the description of a layer, found undefined"],
  [null, "description: expected the description of a layer, found null"],
  ["relu", `description: expected the description of a layer, found "relu"`],
  [[1, 2], "description: expected the description of a layer, found [1, 2]"],
  [{}, "kind: expected one of the kinds of a layer that are given (dense, named, residual), found undefined"],
  [
    { kind: "conv2d" },
    `kind: expected one of the kinds of a layer that are given (dense, named, residual), found "conv2d"`
  ],
  [{ kind: "__proto__" }, `(dense, named, residual), found "__proto__"`],
  [
    { kind: "zeros" },
    `kind: expected one of the kinds of a layer that are given (dense, named, residual), found "zeros"`
  ],
  [{ kind: ["dense"] }, `(dense, named, residual), found ["dense"]`],
  [{ kind: "dense" }, "options.units: expected a positive integer, found none"],
  [{ kind: "dense", options: null }, "options: expected a record, found null"],
  [{ kind: "dense", options: [1] }, "options: expected a record, found [1]"],
  [{ kind: "dense", options: { units: "x" } }, `options.units: expected a positive integer, found "x"`],
  [{ kind: "dense", options: { units: 1e99 } }, "options.units: expected a positive integer, found 1e+99"],
  [{ kind: "dense", options: { units: null } }, "options.units: expected a positive integer, found null"],
  [{ kind: "dense", options: { units: {} } }, "options.units: expected a positive integer, found an object"],
  [{ kind: "dense", options: { units: 1, bias: 1 } }, "options.bias: expected true or false, found 1"],
  [
    { kind: "dense", options: { units: 1, unit: 1 } },
    `options: expected options of dense (units, bias, kernelInitializer, biasInitializer), found "unit"`
  ],
  [
    parsed(`{"kind":"dense","options":{"units":1,"__proto__":{"bias":false}}}`),
    `options: expected options of dense (units, bias, kernelInitializer, biasInitializer), found "__proto__"`
  ],
  [
    parsed(`{"kind":"dense","__proto__":{}}`),
    `expected the parts of a description (kind, options, children), found "__proto__"`
  ],
  [
    { kind: "dense", options: { units: 1, kernelInitializer: "heNormal" } },
    `options.kernelInitializer: expected the description of an initializer, found "heNormal"`
  ],
  [
    { kind: "dense", options: { units: 1, kernelInitializer: { kind: "dense", options: { units: 1 } } } },
    `options.kernelInitializer.kind: expected one of the kinds of an initializer that are given (zeros), found "dense"`
  ],
  [
    { kind: "dense", options: { units: 1 }, children: { a: { kind: "dense", options: { units: 1 } } } },
    `children: expected none, for dense has no children, found "a"`
  ],
  [{ kind: "named", children: [] }, "children: expected a record, found []"],
  [{ kind: "named", children: { a: null } }, "children.a: expected the description of a layer, found null"],
  [
    { kind: "named", children: { a: { kind: "named", children: { b: { kind: "dense", options: { units: 0 } } } } } },
    "children.a.children.b.options.units: expected a positive integer, found 0"
  ],
  [
    { kind: "named", children: { "a.b": { kind: "dense", options: { units: 1 } } } },
    "description: expected a named that can be made, found \"named: a name is not empty, not a number and without dots, " +
    `got \\"a.b\\""`
  ],
  [
    parsed(`{"kind":"named","children":{"__proto__":{"kind":"dense","options":{"units":1}}}}`),
    "a named that can be made"
  ],
  [{ kind: "residual" }, `children: expected one child of residual, under "", found none`],
  [
    { kind: "residual", children: { layer: { kind: "dense", options: { units: 1 } } } },
    `children: expected one child of residual, under "", found "layer"`
  ],
  [{ kind: "residual", children: { "": 7 } }, `children."": expected the description of a layer, found 7`]
]

describe("descriptions", () => {
  it("are there for all that is exported, or there is a reason", () => {
    const kinds = Object.keys(table)
    assert.deepStrictEqual([...kinds, ...Object.keys(others)].sort(), Object.keys(Layers).sort())
    assert.deepStrictEqual(Layers.kinds.length - kinds.length, new Set(Object.values(initializers)).size)
  })

  for (const [name, [input, ...layers]] of Object.entries(table)) {
    for (const layer of layers) {
      it.effect(`of ${layer.name} are built to the same layer`, () =>
        run(() => {
          assert.strictEqual(Result.getOrThrow(Layers.describe(layer)).kind, name)
          const built = throughText(layer)
          assert.strictEqual(built.name, layer.name)
          assert.strictEqual(built.mixesExamples, layer.mixesExamples)
          assert.deepStrictEqual(Layers.describe(built), Layers.describe(layer))
          const [a, b] = [layer, built].map((layer) => Result.getOrThrow(layer.init(key, input)))
          assert.deepStrictEqual(b!.output, a!.output)
          assert.deepStrictEqual(values(b!.params), values(a!.params))
          assert.deepStrictEqual(values(b!.state), values(a!.state))
          const x = name === "embedding" ? tf.tensor2d([[0, 4, 1], [2, 2, 3]], [2, 3], "int32") : batch(input)
          for (const training of [false, true]) {
            const mode = { training, key }
            const [y, after] = layer.apply(a!.params, a!.state, x, mode)
            const [again, next] = built.apply(b!.params, b!.state, x, mode)
            assert.deepStrictEqual(values(again), values(y))
            assert.deepStrictEqual(values(next), values(after))
          }
        }))
    }
  }
})

const initializers: { readonly [name: string]: Initializers.Initializer } = {
  constant: Initializers.constant(2),
  glorotNormal: Initializers.glorotNormal,
  glorotUniform: Initializers.glorotUniform,
  heNormal: Initializers.heNormal,
  heUniform: Initializers.heUniform,
  lecunNormal: Initializers.lecunNormal,
  lecunUniform: Initializers.lecunUniform,
  normal: Initializers.normal({ mean: 1 }),
  ones: Initializers.ones,
  orthogonal: Initializers.orthogonal(),
  truncatedNormal: Initializers.truncatedNormal(),
  uniform: Initializers.uniform({ high: 3 }),
  zeros: Initializers.zeros
}

describe("initializers", () => {
  it.effect("in descriptions are built to the same", () =>
    run(() => {
      for (const [name, kernelInitializer] of Object.entries(initializers)) {
        // Of no default, so that it is written.
        const layer = Layers.conv2dTranspose({ filters: 3, kernelSize: 2, kernelInitializer })
        const { options } = Result.getOrThrow(Layers.describe(layer))
        assert.strictEqual((options!.kernelInitializer as { readonly kind: string }).kind, name)
        const [a, b] = [layer, throughText(layer)].map((layer) => Result.getOrThrow(layer.init(key, image)))
        assert.deepStrictEqual(values(b!.params), values(a!.params), name)
      }
    }))

  it("are all in the list, or there is a reason", () => {
    const reasons = {
      xavierNormal: "is glorotNormal",
      xavierUniform: "is glorotUniform",
      fans: "is no initializer",
      initializer: "is the type of an option",
      kind: "makes kinds"
    }
    assert.deepStrictEqual(
      [...Object.keys(initializers), ...Object.keys(reasons)].sort(),
      Object.keys(Initializers).sort()
    )
  })

  it("of one's own have no description, unless they are of a kind of one's own", () => {
    const own = Layers.named({ head: dense(1, { kernelInitializer: (_, shape) => tf.ones([...shape]) }) })
    assert.strictEqual(
      failure(Layers.describe(own)),
      "children.head.options.kernelInitializer: expected an initializer of a kind, found a function of one's own"
    )
    const diagonal = Initializers.kind("diagonal", {
      options: { value: { type: Kind.finite, default: 1 } },
      make: ({ value }) => (_, [rows, columns]) => tf.mul(tf.eye(rows!, columns!), value)
    })
    const layer = dense(1, { kernelInitializer: diagonal({ value: 2 }) })
    const json = Result.getOrThrow(Layers.describe(layer))
    assert.strictEqual(Result.getOrThrow(Layers.build([dense, diagonal])(json)).name, layer.name)
    assert.strictEqual(
      failure(Layers.build([dense, Initializers.zeros])(json)),
      `options.kernelInitializer.kind: expected one of the kinds of an initializer that are given (zeros), found "diagonal"`
    )
  })
})

describe("what is no description", () => {
  const build = Layers.build([dense, Layers.named, Layers.residual, Initializers.zeros])

  for (const [json, message] of wrong) {
    it(`is an error: ${message}`, () => assert.include(failure(build(json)), message))
  }

  it("is an error that says so also of what a kind checks by itself", () => {
    const given = { filters: 1, kernelSize: 3, strides: 2, dilations: 2 }
    assert.strictEqual(
      failure(Layers.build([conv2d])({ kind: "conv2d", options: given })),
      `description: expected a conv2d that can be made, found "conv2d: strides or dilations are 1, got strides 2x2 with ` +
        `dilations 2x2"`
    )
    const all = Layers.build(Layers.kinds)
    for (
      const json of [
        { kind: "serial", children: { 1: { kind: "relu" } } },
        { kind: "each" },
        { kind: "parallel", options: { merge: "max" }, children: { a: { kind: "relu" } } },
        { kind: "concatenate", options: { keys: [] } },
        { kind: "concatenate", options: { keys: [{}] } },
        { kind: "add", options: { keys: ["a"] } },
        { kind: "multiply", options: { keys: "ab" } },
        { kind: "reshape", options: { shape: [-1, -1] } },
        { kind: "graph", options: { inputs: 1 } },
        { kind: "graph", options: { inputs: "x", outputs: "y" } },
        { kind: "graph", options: { inputs: "x", takes: { y: "x" } } },
        { kind: "graph", options: { inputs: { a: { b: "x" } } } },
        { kind: "graph", options: { inputs: "x", takes: parsed(`{"__proto__":"x"}`) } },
        { kind: "graph", options: { inputs: "x" }, children: { x: { kind: "relu" } } },
        { kind: "rescale", options: { scale: 1, offset: "1" } },
        { kind: "spectralNorm", options: { iterations: 1.5 }, children: { "": { kind: "relu" } } }
      ]
    ) failure(all(json))
  })

  it("is an error when it is too deep or too large, and never runs out of the stack", () => {
    const build = Layers.build(Layers.kinds), levels = "at most 64 levels"
    assert.isTrue(Result.isSuccess(build(JSON.parse(nested(63)))))
    assert.include(failure(build(JSON.parse(nested(64)))), levels)
    assert.include(failure(build(JSON.parse(nested(5000)))), levels)
    const cyclic: { kind: string; children: { [name: string]: unknown } } = { kind: "residual", children: {} }
    cyclic.children[""] = cyclic
    assert.include(failure(build(cyclic)), levels)
    const wide = (n: number) => ({
      kind: "serial",
      children: Object.fromEntries(Array.from({ length: n }, (_, i) => [i, { kind: "relu" }]))
    })
    assert.isTrue(Result.isSuccess(build(wide(9999))))
    assert.include(failure(build(wide(10_000))), "at most 10000 layers and initializers")

    let deep: Layers.Any = relu
    for (let i = 0; i < 64; i++) deep = Layers.residual(deep)
    assert.include(failure(Layers.describe(deep)), levels)
  })

  it("is a list of kinds with two of one name, or with what is none", () => {
    const other = Layers.kind("dense", { options: {}, make: () => relu })
    assert.throws(() => Layers.build([dense, other]), RangeError, "build: two kinds have the name dense")
    assert.throws(() => Layers.build([Layers.lambda as never]), RangeError, "build: a list of kinds, got something")
    assert.isTrue(Result.isSuccess(Layers.build([relu, relu])({ kind: "relu" })))
  })
})

describe("layers without a description", () => {
  it("are named by what contains them", () => {
    const own = Layers.lambda("double", { shape: (input: Shape.Shape) => input, apply: (x: tf.Tensor) => tf.mul(x, 2) })
    const model = Layers.named({ block: Layers.serial(relu, Layers.residual(own)) })
    assert.strictEqual(model.name, "named(block: serial(relu, residual(double)))")
    assert.strictEqual(
      failure(Layers.describe(model)),
      `children.block.children.1.children."": expected a layer of a kind, found "double", which is of none`
    )
  })

  it("are copies that do something else, but not those that are only called something else", () => {
    const copy = { ...dense(3), name: "mine" }
    assert.deepStrictEqual(Layers.describe(copy), Layers.describe(dense(3)))
    const apply: Layers.Any["apply"] = (_, state, x) => [x, state]
    const changed = [{ ...relu, apply }, { ...relu, init: dense(1).init }] as unknown as ReadonlyArray<Layers.Any>
    assert.deepStrictEqual(changed.map((layer) => failure(Layers.describe(layer))), [
      "description: expected relu itself, found a copy with another apply, which is of no kind",
      "description: expected relu itself, found a copy with another init, which is of no kind"
    ])
    assert.include(failure(Layers.describe(Layers.make({ ...relu, name: "mine" }))), "a copy with another init")
  })
})

describe("kinds of one's own", () => {
  const clip = Layers.kind("clip", {
    options: { low: { type: Kind.finite, default: 0 }, high: { type: Kind.finite } },
    make: ({ high, low }) => Layers.activation("clip", (x) => tf.clipByValue(x, low, high))
  })
  const scaled = Layers.kind("scaled", {
    options: { by: { type: Kind.oneOf("two", "three") } },
    children: "one",
    given: (layer: Layers.Any, by: "two" | "three") => [{ by }, [["", layer]]],
    make: ({ by }, children): Layers.Any => {
      const [, child] = children[0]!
      return {
        name: "scaled",
        init: child.init,
        apply: (params, state, x, mode) => {
          const [y, next] = child.apply(params, state, x, mode)
          return [tf.mul(y as tf.Tensor, by === "two" ? 2 : 3), next]
        }
      }
    }
  })

  it.effect("check, name, describe and build as those of the library", () =>
    run(() => {
      const model = Layers.named({ all: scaled(Layers.serial(dense(2), clip({ high: 6 })), "three") })
      assert.strictEqual(model.name, "named(all: scaled(serial(dense(2), clip(high 6)), three))")
      const json: unknown = JSON.parse(JSON.stringify(Result.getOrThrow(Layers.describe(model))))
      const built = Result.getOrThrow(Layers.build([...Layers.kinds, clip, scaled])(json))
      assert.strictEqual(built.name, model.name)
      const [a, b] = [model, built].map((layer) => Result.getOrThrow(layer.init(key, [4])))
      const x = batch([4])
      assert.deepStrictEqual(
        values(built.apply(b!.params, b!.state, x, { training: false, key })[0]),
        values(model.apply(a!.params as never, a!.state as never, x as tf.Tensor, { training: false, key })[0])
      )
      assert.include(failure(Layers.build(Layers.kinds)(json)), `found "scaled"`)
      const free = Layers.kind("free", {
        options: { f: { type: { expected: "anything", parse: (given: unknown) => given, text: () => "f" } } },
        make: () => Layers.activation("free", (x) => x)
      })
      const described = (f: unknown) => Layers.describe(Layers.named({ head: free({ f }) }))
      const plain = [null, true, "a", 1.5, [1, { a: [] }]]
      assert.deepStrictEqual(Result.getOrThrow(described(plain)).children!.head!.options, { f: plain })
      const wrong = [() => 1, NaN, Infinity, 1n, new Date(0), new Float32Array(1), new Map()]
      for (const f of wrong) {
        assert.match(failure(described(f)), /^children\.head\.options\.f: expected a value of JSON, found /)
      }
      assert.match(
        failure(described({ a: [undefined] })),
        /^children\.head\.options\.f\.a\.0: expected a value of JSON/
      )
      assert.throws(() => clip({ high: NaN }), RangeError, "clip: high is a finite number, got NaN")
      assert.throws(() => clip({} as never), RangeError, "clip: high is a finite number, got none")
      assert.throws(() => scaled(relu, "four" as never), RangeError, `scaled: by is "two" or "three", got "four"`)
    }))
})
