import { Result } from "effect"
import { fail, found } from "../backend/checks.ts"
import type { ShapeError } from "../core/errors.ts"
import { format, isShape } from "../core/Shape.ts"
import type { ShapeTree } from "../core/Shape.ts"
import { isBranch } from "../core/structure.ts"
import { isTensor } from "../core/Tree.ts"
import { mismatch } from "./Layer.ts"

type Keys = ReadonlyArray<string | number>
type Under<A> = { readonly [key: string | number]: A }

/** Keys of a record as messages have them. */
export const written = (keys: Keys): string => `{ ${keys.join(", ")} }`

/**
 * The parts of a batch under keys. Fails where one is missing, or is not what it has to be: types forbid it, data do
 * not.
 */
export const partsOf = <A>(
  kind: string,
  keys: Keys,
  x: Under<A>,
  fits: (part: unknown) => boolean = (part) => part !== undefined
): ReadonlyArray<A> =>
  isBranch(x) && !isTensor(x) && keys.every((key) => fits(x[key]))
    ? keys.map((key) => x[key]!)
    : fail(kind, written(keys), found(x))

/** The shapes under keys of that of an example, which may be trees of them unless `fits` says otherwise. */
export const shapesOf = <A extends ShapeTree>(
  kind: string,
  keys: Keys,
  input: Under<A>,
  fits: (part: unknown) => boolean = isBranch
): Result.Result<ReadonlyArray<A>, ShapeError> =>
  isBranch(input) && !isShape(input) && keys.every((key) => fits(input[key]))
    ? Result.succeed(keys.map((key) => input[key]!))
    : mismatch(kind, written(keys), format(input))
