import { assert } from "@effect/vitest"
import * as tf from "@tensorflow/tfjs-core"
import { Effect, Result } from "effect"
import { Autodiff, Backend, Checkpoint, Errors, Key, Layers, Shape, Tree } from "effect-neuron"
import { agree } from "../../support/agree.ts"
import { leavesNoTensor } from "../../support/backend.ts"
import { checkGradients } from "../../support/gradientCheck.ts"
import { randomTensor } from "../../support/numbers.ts"
import type { Line } from "./catalogue/index.ts"

/** What holds of a layer: a program that fails where it does not; none where it says nothing of the layer. */
type Property = (line: Line) => Effect.Effect<void, unknown> | undefined

const key = Key.make(3), inference: Layers.Mode = { training: false, key }, training = { training: true, key }
const modes = [inference, training]

const onWasm = <A, E>(program: Effect.Effect<A, E, Backend.Backend>) =>
  Effect.provide(leavesNoTensor(program), Backend.layerWasm)

/** A property of what happens in one tensor program. */
const within = (check: (line: Line) => void): Property => (line) =>
  onWasm(Backend.tensors(line.layer.name, () => check(line)))

const isLeaf = { isLeaf: Shape.isShape }
const mapShapes = (
  shapes: Shape.ShapeTree,
  f: (shape: Shape.Shape, path: string) => Shape.Shape
): Shape.ShapeTree => Tree.map<Shape.Shape, Shape.Shape>(shapes, f, isLeaf)

/** The shapes of a batch of three. */
const batched = ({ whole = [] }: Line, shapes: Shape.ShapeTree) =>
  mapShapes(shapes, (shape, path) => whole.includes(path) ? shape : [3, ...shape])

const shapesIn = (shapes: Shape.ShapeTree) => Tree.leaves<Shape.Shape>(shapes, isLeaf)

const start = ({ input, layer }: Line, from = input) => Result.getOrThrow(layer.init(key, from))

/** Values of the given shapes, which are by default those of a batch of three. */
const batch = (line: Line, shapes = batched(line, line.input)): Tree.Tree => {
  const { ids } = line
  let seed = 4
  return Tree.map<Shape.Shape, tf.Tensor>(shapes, (shape) => {
    const x = randomTensor(seed++, shape as Shape.Known)
    return ids === undefined ? x : tf.cast(tf.floor(tf.mul(tf.sigmoid(x), ids)), "int32")
  }, isLeaf)
}

const values = (tree: Tree.Tree) => Tree.entries(tree).map(([path, x]) => [path, x.shape, x.dataSync()])

/** A weighted sum of all that is given, curved so that what is linear has a second derivative too. */
const total = (y: Tree.Tree): tf.Tensor =>
  Tree.leaves(y).reduce<tf.Tensor>(
    (sum, leaf, i) => tf.add(sum, tf.sum(tf.mul(tf.sin(tf.cast(leaf, "float32")), randomTensor(50 + i, leaf.shape)))),
    tf.scalar(0)
  )

type Sum = (at: Tree.Tree) => tf.Tensor

/** That sum as a function of all that the layer has a gradient by, and where to take it. */
const summed = (line: Line): { readonly sum: Sum; readonly at: Tree.Tree } => {
  const { params, state } = start(line), x = batch(line), mode = line.holds ? inference : training
  return {
    at: { ...line.frozen ? {} : { params }, ...line.ids === undefined ? { x } : {} },
    sum: (at) => {
      const given = { params, x, ...at as {} }
      return total(line.layer.apply(given.params, state, given.x, mode)[0])
    }
  }
}

const gradient = (f: Sum, at: Tree.Tree): Tree.Tree =>
  Autodiff.valueAndGrad((at: Tree.Tree) => [f(at), 0] as const)(at).grads

/** The squares of all first derivatives. */
const slopes = (f: Sum): Sum => (at) =>
  Tree.leaves(gradient(f, at)).reduce<tf.Tensor>((sum, slope) => tf.add(sum, tf.sum(tf.square(slope))), tf.scalar(0))

const givesItsShape = within((line) => {
  const { layer, output } = line, { output: foreseen, params, state } = start(line)
  assert.deepStrictEqual(foreseen, output)
  for (const mode of modes) {
    const [y, next] = layer.apply(params, state, batch(line), mode)
    assert.deepStrictEqual(Tree.shapes(y), batched(line, output))
    assert.deepStrictEqual(Tree.shapes(next), Tree.shapes(state))
  }
})

const hasItsGradient = within((line) => {
  const { at, sum } = summed(line)
  checkGradients(sum, at)
})

const hasItsSecondOrder = within((line) => {
  const { at, sum } = summed(line)
  checkGradients(slopes(sum), at, { tolerance: 1e-2 })
})

/** Outputs, states and derivatives of both orders; differences show on one backend what these show on the others. */
const agrees: Property = (line) =>
  leavesNoTensor(agree(line.layer.name, () => {
    const { params, state } = start(line), { at, sum } = summed(line), x = batch(line)
    const outcomes = modes.map((mode) => line.layer.apply(params, state, x, mode))
    return Tree.leaves([params, state, outcomes, gradient(sum, at), gradient(slopes(sum), at)])
  }, 1e-4))

const dependsOnTheKeyAsSaid = within((line) => {
  const { params, state } = start(line), x = batch(line)
  const given = (training: boolean, seed: number) =>
    values(line.layer.apply(params, state, x, { training, key: Key.make(seed) })[0])
  for (const training of [false, true]) assert.deepStrictEqual(given(training, 1), given(training, 1))
  assert.deepStrictEqual(given(false, 2), given(false, 1))
  ;(line.random ? assert.notDeepEqual : assert.deepStrictEqual)(given(true, 2), given(true, 1))
})

const mixesExamplesAsSaid = within((line) => {
  const { layer } = line, { params, state } = start(line), x = batch(line)
  const isWhole = (path: string) => line.whole?.includes(path) === true
  const second = (tree: Tree.Tree) =>
    Tree.map(tree, (leaf: tf.Tensor, path) => isWhole(path) ? leaf : tf.slice(leaf, 1, 1))
  const difference = (mode: Layers.Mode) => {
    const among = Tree.leaves(second(layer.apply(params, state, x, mode)[0]))
    const alone = Tree.leaves(layer.apply(params, state, second(x), mode)[0])
    return Math.max(...alone.map((y, i) => tf.max(tf.abs(tf.sub(y, among[i]!))).dataSync()[0]!))
  }
  assert.isBelow(difference(inference), 1e-5)
  if (layer.mixesExamples) assert.isAbove(difference(training), 1e-2)
  else if (!line.random) assert.isBelow(difference(training), 1e-5)
})

/** What a layer starts from and gives, as values. */
const traced = (line: Line, layer: Layers.Any) => {
  const { output, params, state } = start({ ...line, layer })
  const outcomes = modes.map((mode) => layer.apply(params, state, batch(line), mode))
  return { output, values: values([params, state, outcomes]) }
}

const isBuiltAgain = within((line) => {
  const { layer } = line, description = Result.getOrThrow(Layers.describe(layer))
  const built = Result.getOrThrow(Layers.build(Layers.kinds)(JSON.parse(JSON.stringify(description))))
  assert.strictEqual(built.name, layer.name)
  assert.strictEqual(built.mixesExamples, layer.mixesExamples)
  assert.deepStrictEqual(Result.getOrThrow(Layers.describe(built)), description)
  assert.deepStrictEqual(traced(line, built), traced(line, layer))
})

const isSavedAndLoaded: Property = (line) => {
  const { input, layer } = line
  const outputs = (model: Layers.Any, { params, state }: Checkpoint.Restored["weights"]) =>
    Backend.tensors("outputs", () => values(modes.map((mode) => model.apply(params, state, batch(line), mode))))
  return onWasm(Effect.gen(function*() {
    const weights = yield* Backend.tensors("weights", () => {
      const { params, state } = start(line)
      // Not those that it starts from.
      return Tree.map({ params, state } as Checkpoint.Restored["weights"], (x: tf.Tensor) => tf.add(x, 0.25))
    })
    const bytes = yield* Checkpoint.encode(weights, { metadata: Checkpoint.describe(layer, { input }) })
    const found = yield* Checkpoint.decodeModel(bytes, { kinds: Layers.kinds })
    assert.deepStrictEqual(found.input, input)
    assert.deepStrictEqual(values(found.weights), values(weights))
    assert.deepStrictEqual(yield* outputs(found.model, found.weights), yield* outputs(layer, weights))
    Tree.disposeExcept([weights, found.weights])
  }))
}

/** What is left of a program is what it gives, and what it was given is not gone. */
const leavesNothing = within((line) => {
  const { layer } = line, x = batch(line), { at, sum } = summed(line)
  const given = new Set(Tree.leaves([x, at]))
  const made = <A>(f: () => A): A => {
    const before = tf.memory().numTensors, result = tf.tidy(() => f() as never) as A
    const kept = new Set(Tree.leaves(result as Tree.Tree).filter((leaf) => !given.has(leaf)))
    assert.strictEqual(tf.memory().numTensors - before, kept.size)
    for (const leaf of kept) given.add(leaf)
    return result
  }
  const { params, state } = made(() => start(line))
  for (const mode of modes) made(() => layer.apply(params, state, x, mode))
  made(() => gradient(sum, at))
  for (const [shape] of line.wrong ?? []) made(() => Result.isFailure(layer.init(key, shape)) ? {} : shape)
  for (const leaf of given) assert.isFalse(leaf.isDisposed)
})

const fails = (said: string, kind: string, shape: Shape.ShapeTree, error: unknown) => {
  assert.instanceOf(error, Errors.ShapeError)
  const message = said.includes(" expects ") ? said : `${kind} expects ${said}, got ${Shape.format(shape)}`
  assert.strictEqual(error.message, message)
}

const refusesWhatDoesNotFit = within((line) => {
  const { input, layer, open = input, wrong = [], wrongBatch = [] } = line, { kind } = layer.configuration!
  const refusal = (shape: Shape.ShapeTree) => Result.getFailure(layer.init(key, shape)).valueOrUndefined
  for (const [shape, said] of wrong) fails(said, kind.name, shape, refusal(shape))
  for (const dimension of [0, -1, 2.5, NaN]) {
    const impossible = mapShapes(input, (shape) => [dimension, ...shape.slice(1)])
    assert.include(refusal(impossible)?.message, "positive integers as dimensions, or null for unknown ones, got ")
  }
  const { params, state } = start(line, open)
  for (const [shape, said] of wrongBatch) {
    try {
      layer.apply(params, state, batch(line, shape), training)
    } catch (error) {
      fails(said, kind.name, shape, error)
      continue
    }
    assert.fail(`a batch of ${Shape.format(shape)} is taken`)
  }
  if (line.takesAny === undefined) return
  for (const shape of [[2], [2, 3, 1, 2, 1]]) {
    if (line.takesAny === "shape") start(line, shape.slice(1))
    assert.isAbove(Tree.leaves(layer.apply(params, state, batch(line, shape), training)[0]).length, 0)
  }
})

/** What types forbid, and descriptions and data do not: a record for a tensor, a tensor for a record, nothing. */
const refusesAnotherStructure = within((line) => {
  const { input, layer } = line, isOfOne = Shape.isShape(input), { params, state } = start(line)
  const other: Shape.ShapeTree = isOfOne ? { a: input, b: { c: input } } : [3]
  const refused = (error: unknown, got: string) => {
    assert.instanceOf(error, Errors.ShapeError)
    assert.include(error.message, isOfOne ? " expects a tensor, got " : " expects { ")
    assert.isTrue(error.message.endsWith(`, got ${got}`), error.message)
  }
  const given = [[other, Shape.format(other)], [undefined, "undefined"]] as const
  for (const [shape, got] of given) refused(Result.getFailure(layer.init(key, shape)).valueOrUndefined, got)
  const batches = [[batch(line, other), isOfOne ? "{ a, b: { c } }" : "[3]"], [undefined, "undefined"]] as const
  for (const [x, got] of batches) {
    let error: unknown
    try {
      layer.apply(params, state, x, training)
    } catch (thrown) {
      error = thrown
    }
    refused(error, got)
  }
})

/** A layer that was made for dimensions that are not known is that of each size. */
const takesWhatIsOpen = (open: Shape.ShapeTree) =>
  within((line) => {
    const { input, layer } = line
    const unknown = start(line, open), known = shapesIn(open)
    let i = 0
    const larger = mapShapes(input, (shape) => {
      const dimensions = known[i++]!
      return shape.map((n, axis) => dimensions[axis] === null ? 2 * n! : n)
    })
    for (const size of [input, larger]) {
      const { output, params, state } = start(line, size), x = batch({ ...line, input: size })
      assert.deepStrictEqual(values([unknown.params, unknown.state]), values([params, state]))
      const shapes = shapesIn(output)
      shapesIn(unknown.output).forEach((shape, i) => assert.deepStrictEqual(Shape.unify(shape, shapes[i]!), shapes[i]))
      const [y] = layer.apply(unknown.params, unknown.state, x, inference)
      assert.deepStrictEqual(Tree.shapes(y), batched(line, output))
      assert.deepStrictEqual(values(y), values(layer.apply(params, state, x, inference)[0]))
    }
  })

/** What every layer does, as a test says it. */
export const properties: { readonly [what: string]: Property } = {
  "gives the shape that init foresees": givesItsShape,
  "has the gradient that differences show": hasItsGradient,
  "has the gradient of its gradient": hasItsSecondOrder,
  "is the same on every backend": agrees,
  "depends on the key as its line says": dependsOnTheKeyAsSaid,
  "mixes examples as it says": mixesExamplesAsSaid,
  "is built of its description": isBuiltAgain,
  "is saved and loaded": isSavedAndLoaded,
  "leaves no tensor, and disposes none": leavesNothing,
  "refuses what does not fit": refusesWhatDoesNotFit,
  "refuses another structure": refusesAnotherStructure,
  "takes dimensions that are not known": (line) =>
    line.open === undefined ? undefined : takesWhatIsOpen(line.open)(line)
}
