import type { Axis } from "./axis.ts"
import type { Line } from "./lines.ts"

/** A field, as RFC 4180 has it. */
const field = (text: string): string => /[",\r\n]/.test(text) ? `"${text.replaceAll("\"", "\"\"")}"` : text

/** What is measured of lines as a table by x, with a column for each; where a line has no value the field is empty. */
export const csvOf = (lines: ReadonlyArray<Line>, axis: Axis): string => {
  const rows = new Map<number, Array<string>>()
  lines.forEach(({ values, xs }, column) =>
    xs.forEach((x, i) => {
      if (Number.isNaN(values[i])) return
      const row = rows.get(x) ?? lines.map(() => "")
      row[column] = String(values[i])
      rows.set(x, row)
    })
  )
  const head = [axis, ...lines.map(({ of, what }) => field(`${of} ${what}`.trim()))]
  const body = [...rows].sort(([a], [b]) => a - b).map(([x, row]) => `${x},${row.join()}`)
  return [head.join(), ...body].map((row) => `${row}\r\n`).join("")
}
