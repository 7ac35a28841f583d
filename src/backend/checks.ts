import { cast } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { ShapeError } from "../core/errors.ts"
import { equals, format } from "../core/Shape.ts"
import type { Known } from "../core/Shape.ts"
import { isBranch } from "../core/structure.ts"
import { isTensor } from "../core/Tree.ts"

// An operation of this package checks what the operations check that it stands for: its kernels trust the shapes that
// they are given, and read and write where those say.

/** Fails with what an operation expects and what it got; where it runs in a layer, combinators add the path of that. */
export const fail = (operation: string, expected: string, got: string): never => {
  throw new ShapeError({ path: "", kind: operation, expected, actual: got })
}

/** A shape as errors print it. */
export const shapeOf = ({ shape }: { readonly shape: Known }): string => format(shape)

/** What is given in place of tensors, as errors print it: a shape, or the keys of a record. */
export const found = (x: unknown): string => {
  if (isTensor(x)) return shapeOf(x)
  if (!isBranch(x)) return String(x)
  return `{ ${Object.entries(x).map(([key, part]) => isBranch(part) ? `${key}: ${found(part)}` : key).join(", ")} }`
}

/** One tensor. Fails for anything else: types forbid it, data do not. */
export const asTensor = (operation: string, x: unknown): Tensor =>
  isTensor(x) ? x : fail(operation, "a tensor", found(x))

/** The same numbers as floats: kernels read nothing else. Fails where there are no numbers. */
export const asFloat = (operation: string, name: string, x: Tensor): Tensor => {
  if (x.dtype === "float32") return x
  return x.dtype === "int32" || x.dtype === "bool"
    ? cast(x, "float32")
    : fail(operation, `${name} of numbers`, `${x.dtype} ${shapeOf(x)}`)
}

/** Checks that two tensors have one shape. */
export const sameShape = (operation: string, [a, b]: readonly [string, string], x: Tensor, y: Tensor): void => {
  if (equals(x.shape, y.shape)) return
  fail(operation, `${a} and ${b} of one shape`, `${shapeOf(x)} and ${shapeOf(y)}`)
}
