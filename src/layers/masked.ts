import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import { fail, found, shapeOf } from "../backend/checks.ts"
import type { ShapeError } from "../core/errors.ts"
import { equals, format, isShape, unify } from "../core/Shape.ts"
import type { Shape, ShapeTree } from "../core/Shape.ts"
import { isTensor } from "../core/Tree.ts"
import type { Masked } from "./lambda.ts"
import { mismatch } from "./Layer.ts"

/** A sequence `[time, ...]`, with a mask of `[time]` where its steps do not all count. */
export type Sequence = Tensor | Masked

/** The shape of what a layer takes with a mask or without; types forbid anything else, descriptions do not. */
export const shapeIn = (name: string, input: ShapeTree): Result.Result<Shape, ShapeError> => {
  if (isShape(input)) return Result.succeed(input)
  const { mask, x } = (input ?? {}) as { readonly x?: ShapeTree; readonly mask?: ShapeTree }
  if (x === undefined || !isShape(x)) return mismatch(name, "a tensor", format(input))
  if (mask === undefined) return Result.succeed(x)
  const axes = x.slice(0, isShape(mask) ? mask.length : 1)
  return isShape(mask) && unify(mask, axes) !== undefined
    ? Result.succeed(x)
    : mismatch(name, `a mask of ${format(axes)}, as its x`, format(mask))
}

type Parts = { readonly x: Tensor; readonly mask?: Tensor }

/** What is given with a mask or without, in its parts; data are not always of the types that they have. */
export const partsIn = (name: string, given: Tensor | Parts): Parts => {
  if (isTensor(given)) return { x: given }
  if (!isTensor(given?.x)) return fail(name, "a tensor", found(given))
  const { mask, x } = given
  if (mask === undefined) return { x }
  const axes = x.shape.slice(0, mask.rank)
  return equals(mask.shape, axes) ? given : fail(name, `a mask of ${format(axes)}, as its x`, shapeOf(mask))
}

/** Another x in the place of what is given, or of its shape, with the mask that is beside it. */
export const inPlaceOf = <A extends object>(given: A | { readonly x: A; readonly mask: A }, x: A): typeof given =>
  "mask" in given ? { ...given, x } : x
