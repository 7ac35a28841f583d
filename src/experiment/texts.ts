import { isShape } from "../core/Shape.ts"
import type { ShapeTree } from "../core/Shape.ts"
import type { Tokenizer } from "../text/Tokenizer.ts"
import type { Show } from "./show.ts"

/** How tokens are looked at when nobody says it: as texts, where what is given and what is to come are both `[time]`. */
export const textsOf = (
  { shapes, tokenizer }: {
    readonly tokenizer?: Tokenizer
    readonly shapes: { readonly x: ShapeTree; readonly y: ShapeTree }
  },
  prediction: ShapeTree
): Show | undefined => {
  const isText = (shape: ShapeTree) => isShape(shape) && shape.length === 1
  if (tokenizer === undefined || !isText(shapes.x) || !isText(shapes.y)) return undefined
  if (!isShape(prediction) || prediction.length !== 2 || prediction[1] !== tokenizer.size) return undefined
  const text = { kind: "text", tokenizer: tokenizer.description } as const
  return { input: text, target: text }
}
