import { cast } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"
import { ShapeError } from "../core/errors.ts"

// An operation of this package checks what the operations check that it stands for: its kernels trust the shapes that
// they are given, and read and write where those say.

/** Fails with what an operation expects and what it got; where it runs in a layer, combinators add the path of that. */
export const fail = (operation: string, expected: string, got: string): never => {
  throw new ShapeError({ path: "", kind: operation, expected, actual: got })
}

/** A shape as errors print it. */
export const shapeOf = ({ shape }: { readonly shape: ReadonlyArray<number> }): string => `[${shape.join(", ")}]`

/** The same numbers as floats: kernels read nothing else. Fails where there are no numbers. */
export const asFloat = (operation: string, name: string, x: Tensor): Tensor => {
  if (x.dtype === "float32") return x
  return x.dtype === "int32" || x.dtype === "bool"
    ? cast(x, "float32")
    : fail(operation, `${name} of numbers`, `${x.dtype} ${shapeOf(x)}`)
}

/** Checks that two tensors have one shape. */
export const sameShape = (operation: string, [a, b]: readonly [string, string], x: Tensor, y: Tensor): void => {
  if (x.rank === y.rank && x.shape.every((n, axis) => n === y.shape[axis])) return
  fail(operation, `${a} and ${b} of one shape`, `${shapeOf(x)} and ${shapeOf(y)}`)
}
