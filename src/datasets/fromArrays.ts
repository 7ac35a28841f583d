import { Effect, Result } from "effect"
import { DataError } from "../core/errors.ts"
import { arrayExpected, problemOf } from "../core/hostArray.ts"
import { isNdArray } from "../core/NdArray.ts"
import type { HostTree, NdArray } from "../core/NdArray.ts"
import { format, size } from "../core/Shape.ts"
import * as Tree from "../core/Tree.ts"
import type { Dataset, SupervisedExample } from "./Dataset.ts"
import { generate } from "./generate.ts"

const shapesOf = <T extends HostTree>(tree: T): Tree.ShapeOf<T> => Tree.map(tree, ({ shape }) => shape.slice(1))

/** The `i`-th example of every array, as views; `tree` has to hold at least `i + 1`. */
const slicer = <T extends HostTree>(tree: T): (i: number) => T => {
  // One shape object for all examples, which batching then compares by identity.
  const shapes = new Map(Tree.leaves(tree).map((leaf) => [leaf, leaf.shape.slice(1)]))
  return (i) =>
    Tree.map(tree, (leaf): NdArray => {
      const shape = shapes.get(leaf)!, length = size(shape)
      return { data: leaf.data.subarray(i * length, (i + 1) * length), shape }
    })
}

const count = (tree: HostTree, source: string): Result.Result<number, DataError> => {
  let found: { readonly n: number; readonly path: string } | undefined
  let wrong: DataError | undefined
  const place = (path: string) => path === "" ? "" : `.${path}`
  for (const [path, leaf] of Tree.entries(tree)) {
    const [n] = leaf.shape
    const fail = (expected: string, actual: string) => {
      wrong ??= new DataError({ source: `${source}${place(path)}`, expected, actual })
    }
    const actual = problemOf(leaf)
    if (actual !== undefined) fail(arrayExpected, actual)
    else if (n === undefined) fail("examples along a first dimension", `the shape ${format(leaf.shape)}`)
    else if (found === undefined) found = { n, path }
    else if (n !== found.n) fail(`${found.n} examples, as in ${source}${place(found.path)}`, String(n))
  }
  if (wrong !== undefined) return Result.fail(wrong)
  return found === undefined
    ? Result.fail(new DataError({ source, expected: "at least one array", actual: "none" }))
    : Result.succeed(found.n)
}

const pair = (x: HostTree, y: HostTree, source: string): Result.Result<number, DataError> =>
  Result.flatMap(count(x, `${source}x`), (n) =>
    Result.flatMap(count(y, `${source}y`), (m) =>
      n === m
        ? Result.succeed(n)
        : Result.fail(
          new DataError({ source: `${source}y`, expected: `${n} examples, as in ${source}x`, actual: String(m) })
        )))

/** Where labels stand for classes, the first that is none of them. */
const strangeLabel = (y: HostTree, classes: number, source: string): DataError | undefined => {
  if (classes === 0 || !isNdArray(y) || y.shape.length !== 1) return undefined
  const i = y.data.findIndex((label) => !(Number.isInteger(label) && label >= 0 && label < classes))
  const expected = `a class index from 0 to ${classes - 1}`
  return i < 0 ? undefined : new DataError({ source: `${source}y, example ${i}`, expected, actual: String(y.data[i]) })
}

/**
 * A data set of arrays that are in memory, or of trees of them, with the examples along the first dimension. Examples
 * are views: nothing is copied. Without `test` the test split is empty.
 *
 * Fails with a `DataError` if the arrays hold different numbers of examples or none, or if the test split has another
 * shape; and, where `classes` are given and `y` is one array of `[examples]`, for a label that is no index of them.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Datasets, NdArray } from "effect-neuron"
 *
 * const xor = Effect.runSync(Datasets.fromArrays({
 *   x: NdArray.make([[0, 0], [0, 1], [1, 0], [1, 1]]),
 *   y: NdArray.make(Int32Array.of(0, 1, 1, 0), [4])
 * }))
 * xor.sizes // => { train: 4, test: 0 }
 * Effect.runSync(Stream.runCollect(xor.train))[1] // => { x: NdArray.make([0, 1], [2]), y: NdArray.index(1) }
 * ```
 */
export const fromArrays = <X extends HostTree, Y extends HostTree>(options: {
  readonly name?: string
  readonly x: X
  readonly y: Y
  readonly classes?: ReadonlyArray<string>
  readonly test?: { readonly x: X; readonly y: Y }
}): Effect.Effect<Dataset<X, Y>, DataError> => {
  const { classes = [], name = "arrays", test, x, y } = options
  return Effect.fromResult(Result.gen(function*() {
    const train = yield* pair(x, y, "")
    if (train === 0) {
      return yield* Result.fail(new DataError({ source: "x", expected: "at least one example", actual: "none" }))
    }
    const strange = strangeLabel(y, classes.length, "") ??
      (test === undefined ? undefined : strangeLabel(test.y, classes.length, "test."))
    if (strange !== undefined) return yield* Result.fail(strange)
    const held = test === undefined ? 0 : yield* pair(test.x, test.y, "test.")
    const shapes = { x: shapesOf(x), y: shapesOf(y) }
    if (test !== undefined) {
      const expected = JSON.stringify(shapes), actual = JSON.stringify({ x: shapesOf(test.x), y: shapesOf(test.y) })
      if (expected !== actual) {
        return yield* Result.fail(
          new DataError({ source: "test", expected: `examples of the shapes ${expected}`, actual })
        )
      }
    }
    const of = { train: [slicer(x), slicer(y)], test: [slicer(test?.x ?? x), slicer(test?.y ?? y)] } as const
    return generate<X, Y>({
      name,
      shapes,
      classes,
      sizes: { train, test: held },
      example: (split, i): SupervisedExample<X, Y> => ({ x: of[split][0](i), y: of[split][1](i) })
    })
  }))
}
