import { Schema } from "effect"
import type { ShapeTree } from "../../core/Shape.ts"
import type { Summary } from "../../layers/summary.ts"

export const Shapes: Schema.Codec<ShapeTree> = Schema.Union([
  Schema.Array(Schema.NullOr(Schema.Int)),
  Schema.Array(Schema.suspend(() => Shapes)),
  Schema.Record(Schema.String, Schema.suspend(() => Shapes))
])

const numbers = { parameters: Schema.Int, bytes: Schema.Int, multiplyAdds: Schema.NullOr(Schema.Int) }

/** What the networks of a run are made of, by name, as its file holds it. */
export const Networks: Schema.Codec<{ readonly [name: string]: Summary }> = Schema.Record(
  Schema.String,
  Schema.Struct({
    rows: Schema.Array(
      Schema.Struct({
        path: Schema.String,
        depth: Schema.Int,
        name: Schema.String,
        isGroup: Schema.Boolean,
        input: Shapes,
        output: Shapes,
        ...numbers
      })
    ),
    ...numbers
  })
)
