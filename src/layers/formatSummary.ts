import { format } from "../core/Shape.ts"
import type { Summary, SummaryRow } from "./summary.ts"

/** The options of {@link formatSummary}. */
export interface FormatSummaryOptions {
  /** How many characters a line has at most, by default 80; never less than the numbers need. */
  readonly width?: number
}

const HEADS = ["layer", "kind", "output", "parameters", "multiply-adds"] as const

/**
 * Columns are two spaces apart. The texts get what the numbers leave; a name needs a few characters to say anything.
 */
const GAP = "  ", LEAST = 8

/**
 * A summary of a model as a table of text, for a terminal: layers, indented by how deep they are in others, with their
 * outputs for one example (`?` is a dimension that is not known) and their numbers; a `?` stands for multiply-adds that
 * are not known, and nothing for 0. Texts that are too long for the line are cut short.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Backend, Layers } from "effect-neuron"
 *
 * const model = Layers.named({ hidden: Layers.dense(16), relu: Layers.relu, head: Layers.dense(1) })
 * const summary = await Effect.runPromise(Effect.provide(Layers.summary(model, [2]), Backend.layerWasm))
 * Layers.formatSummary(summary).split("\n")
 * // => [
 * //      "layer   kind       output  parameters  multiply-adds",
 * //      "────────────────────────────────────────────────────",
 * //      "hidden  dense(16)  [16]            48             32",
 * //      "relu    relu       [16]",
 * //      "head    dense(1)   [1]             17             16",
 * //      "────────────────────────────────────────────────────",
 * //      "total   260 bytes                  65             48"
 * //    ]
 * ```
 */
export const formatSummary = (summary: Summary, { width = 80 }: FormatSummaryOptions = {}): string => {
  const body = summary.rows.map((row, i) => [...textsOf(row), ...numbersOf(ownOf(row, summary.rows.slice(i + 1)))])
  const totals = ["total", sizeOf(summary.bytes), "", ...numbersOf(summary)]
  const table = [HEADS, ...body, totals], longest = HEADS.map((_, i) => Math.max(...table.map((row) => row[i]!.length)))
  const [layer, kind, output] = shared(longest.slice(0, 3), width - GAP.length * 4 - longest[3]! - longest[4]!)
  const widths = [layer!, kind!, output!, longest[3]!, longest[4]!]
  const line = (row: ReadonlyArray<string>) =>
    row.map((cell, i) => i < 3 ? cut(cell, widths[i]!).padEnd(widths[i]!) : cell.padStart(widths[i]!)).join(GAP)
      .trimEnd()
  const rule = "─".repeat(widths.reduce((sum, n) => sum + n) + GAP.length * 4)
  return [line(HEADS), rule, ...body.map(line), rule, line(totals)].join("\n")
}

const textsOf = ({ depth, name, output, path }: SummaryRow) => [
  "  ".repeat(depth) + path.slice(path.lastIndexOf(".") + 1),
  name,
  format(output)
]

type Numbers = Pick<Summary, "multiplyAdds" | "parameters">

/** What a row has beside the layers in it, whose rows follow: of most of those that have some, nothing. */
const ownOf = (row: SummaryRow, after: ReadonlyArray<SummaryRow>): Numbers => {
  if (!row.isGroup) return row
  const end = after.findIndex(({ depth }) => depth <= row.depth), inside = end === -1 ? after : after.slice(0, end)
  let { multiplyAdds, parameters } = row
  for (const child of inside) {
    if (child.depth > row.depth + 1) continue
    parameters -= child.parameters
    multiplyAdds = multiplyAdds === null || child.multiplyAdds === null ? 0 : multiplyAdds - child.multiplyAdds
  }
  return { parameters, multiplyAdds: parameters === 0 ? 0 : multiplyAdds }
}

const numbersOf = ({ multiplyAdds, parameters }: Numbers) =>
  [parameters, multiplyAdds].map((n) => n === null ? "?" : n === 0 ? "" : n.toLocaleString("en-US"))

const sizeOf = (bytes: number): string => {
  const [size, unit] = bytes < 1000 ? [bytes, "bytes"] : bytes < 1e6 ? [bytes / 1e3, "kB"] : [bytes / 1e6, "MB"]
  return `${unit === "bytes" ? size : size.toFixed(1)} ${unit}`
}

/**
 * So much of the width for layer, kind and output: what each needs, or, when that is too much, less, the kind first.
 */
const shared = (needs: ReadonlyArray<number>, width: number): ReadonlyArray<number> => {
  const widths = [...needs]
  for (const [i, least] of [[1, 2 * LEAST], [2, LEAST], [0, LEAST], [1, LEAST]] as const) {
    const excess = widths.reduce((sum, n) => sum + n) - width
    widths[i] = Math.max(Math.min(widths[i]!, least), widths[i]! - Math.max(0, excess))
  }
  return widths
}

const cut = (text: string, length: number): string => text.length > length ? `${text.slice(0, length - 1)}…` : text
