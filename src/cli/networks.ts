import { Schema } from "effect"
import type { ShapeTree } from "../core/Shape.ts"
import { formatSummary } from "../layers/formatSummary.ts"
import type { Summary } from "../layers/summary.ts"

const Shapes: Schema.Codec<ShapeTree> = Schema.Union([
  Schema.Array(Schema.NullOr(Schema.Int)),
  Schema.Array(Schema.suspend(() => Shapes)),
  Schema.Record(Schema.String, Schema.suspend(() => Shapes))
])

const numbers = { parameters: Schema.Int, bytes: Schema.Int, multiplyAdds: Schema.NullOr(Schema.Int) }

/** What the networks of a run are made of, by name, as its summary holds it. */
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

/** The lines of the networks of a run as tables for a terminal, below their names when there are several. */
export const linesOf = (networks: { readonly [name: string]: Summary }): ReadonlyArray<string> => {
  const entries = Object.entries(networks), lines = [""]
  for (const [name, summary] of entries) {
    if (entries.length > 1) lines.push(name)
    lines.push(...formatSummary(summary).split("\n"), "")
  }
  return lines
}
