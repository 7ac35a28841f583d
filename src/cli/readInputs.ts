import { Effect } from "effect"
import { isShape } from "../core/Shape.ts"
import type { ShapeTree } from "../core/Shape.ts"
import type { About, View } from "../experiment/index.ts"
import { tokenizerOf } from "../experiment/tokens.ts"
import { table } from "./inputs/csv.ts"
import { textIn, wrong } from "./inputs/input.ts"
import type { Input, Read } from "./inputs/input.ts"
import { jsonInputs } from "./inputs/json.ts"
import { textInput } from "./inputs/text.ts"
import { readImage } from "./readImage.ts"

/** What one argument means, by how an input is looked at. */
const inputsOf = (
  argument: string,
  view: View | undefined,
  shape: ShapeTree,
  invert: boolean
): Read<ReadonlyArray<Input>> => {
  if (/\.jsonl?$/i.test(argument)) return jsonInputs(argument, shape)
  const [length = null] = isShape(shape) ? shape : []
  switch (view?.kind) {
    case "image":
      return Effect.map(
        readImage(argument, { shape: shape as ReadonlyArray<number | null>, range: view.range, invert }),
        (x) => [{ name: argument, x }]
      )
    case "text": {
      const ofText = (text: string, name: string) =>
        Effect.map(textInput(text, name, length, tokenizerOf(view)), (input) => [input])
      return argument.endsWith(".txt")
        ? Effect.flatMap(textIn(argument), (text) => ofText(text, argument))
        : ofText(argument, JSON.stringify(argument))
    }
    case "row":
    case "point": {
      const names = view.kind === "row" ? view.names : ["x", "y"]
      return Effect.map(
        table(argument, names),
        (rows) =>
          rows.map((data, i) => ({ name: `${argument}:${i + 1}`, x: { data, shape: shape as ReadonlyArray<number> } }))
      )
    }
    case "series":
      return Effect.flatMap(table(argument, view.names), (rows) => {
        const data = Float32Array.from(rows.flatMap((row) => Array.from(row)))
        const found = shape.length === 1 ? [rows.length] : [rows.length, view.names.length]
        return length === null || length === rows.length
          ? Effect.succeed([{ name: argument, x: { data, shape: found } }])
          : Effect.fail(wrong(argument, `${length} rows, one for each moment`, String(rows.length)))
      })
    default:
      return Effect.fail(wrong(argument, "a file of JSON lines, .jsonl or .json", "another one"))
  }
}

/**
 * The inputs that arguments mean, by how those of an experiment are looked at: PNG and JPEG files for images, CSV files for rows,
 * points and series, texts or .txt files for texts; for all of them `.jsonl` and `.json` files with lists of numbers.
 */
export const readInputs = (
  args: ReadonlyArray<string>,
  { shapes, show }: Pick<About, "shapes" | "show">,
  { invert }: { readonly invert: boolean }
): Read<ReadonlyArray<Input>> =>
  Effect.map(
    Effect.forEach(args, (argument) => inputsOf(argument, show?.input, shapes.x, invert)),
    (found) => found.flat()
  )
