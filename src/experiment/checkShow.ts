import { Effect, Schema } from "effect"
import { DataError } from "../core/errors.ts"
import { format, isShape } from "../core/Shape.ts"
import type { Shape, ShapeTree } from "../core/Shape.ts"
import { misfit, View } from "./show.ts"
import type { Misfit, Show } from "./show.ts"
import { tokenizerOf } from "./tokens.ts"

const isView = Schema.is(View)

/** What is looked at: its shapes, and what is trained. */
export interface Looked {
  readonly shapes: { readonly x: ShapeTree; readonly y: ShapeTree }
  /** The shape of a prediction, where it is known. */
  readonly prediction?: ShapeTree | undefined
}

/** Whether a last axis has the scores of so many classes: one for each, or the one logit that tells two apart. */
const areScores = (last: number | null, classes: number): boolean => last === classes || (last === 1 && classes === 2)

/** Whether two shapes are the same, as far as both are known. */
const isSame = (a: Shape, b: Shape): boolean =>
  a.length === b.length && a.every((n, i) => n === null || b[i] === null || n === b[i])

/** Whether predictions tell so many classes apart, for each example or at each of its positions, and targets are classes. */
export const tellsClasses = (
  classes: number,
  { prediction, target }: { readonly prediction: ShapeTree; readonly target: ShapeTree }
): boolean => {
  if (classes < 2 || !isShape(prediction) || !isShape(target)) return false
  const last = prediction.at(-1) ?? 1, positions = prediction.slice(0, -1)
  return areScores(last, classes) &&
    (isSame(target, positions) || isSame(target, [...positions, last]))
}

/** What is wrong with how a prediction is looked at: a class by the logits of all, a text by those of its tokens. */
const problemOfPrediction = (view: View, shape: ShapeTree | undefined): Misfit | undefined => {
  if (shape === undefined || !isShape(shape) || shape.length === 0) return undefined
  const last = shape.at(-1)!
  if (last === null) return undefined
  if (view.kind === "class") {
    const fits = shape.length > 1 || areScores(last, view.classes.length)
    const expected = `${last === 1 ? 2 : last} classes, for predictions ${format(shape)}`
    return fits ? undefined : [expected, String(view.classes.length)]
  }
  if (view.kind === "text") {
    const { size } = tokenizerOf(view)
    return shape.length === 2 && last === size
      ? undefined
      : [`predictions [length, ${size}], a logit for each token`, format(shape)]
  }
  return view.kind === "image" ? misfit(view, shape) : undefined
}

/** Fails unless an experiment's examples and predictions can be looked at as it says. */
export const checkShow = (name: string, show: Show, { prediction, shapes }: Looked): Effect.Effect<Show, DataError> => {
  const fail = (part: string, [expected, actual]: readonly [string, string]) =>
    Effect.fail(new DataError({ source: `show of ${name}, ${part}`, expected, actual }))
  for (const [part, shape] of [["input", shapes.x], ["target", shapes.y]] as const) {
    const view = show[part]
    if (!isView(view)) {
      return fail(part, ["image, row, text, point, series or class, with what belongs to it", JSON.stringify(view)])
    }
    const problem = misfit(view, shape)
    if (problem !== undefined) return fail(`${part} as ${view.kind}`, problem)
  }
  const problem = problemOfPrediction(show.target, prediction)
  return problem === undefined ? Effect.succeed(show) : fail(`target as ${show.target.kind}`, problem)
}
