const GAP = "  "

const widthsOf = (rows: ReadonlyArray<ReadonlyArray<string>>): ReadonlyArray<number> =>
  rows[0]!.map((_, i) => Math.max(...rows.map((row) => row[i]!.length)))

const total = (widths: ReadonlyArray<number>): number =>
  widths.reduce((sum, n) => sum + n, 0) + GAP.length * (widths.length - 1)

/** Rows as a table of text, below their heads: a column whose cells are numbers is set to the right. */
export const textTable = (
  heads: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>
): ReadonlyArray<string> => {
  const isNumber = heads.map((_, i) =>
    rows.some((row) => row[i] !== "") && rows.every((row) => /^(-?[\d.,:e+-]+( %)?)?$/.test(row[i]!))
  )
  const widths = widthsOf([heads, ...rows])
  const line = (row: ReadonlyArray<string>) =>
    row.map((cell, i) => isNumber[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)).join(GAP).trimEnd()
  return [line(heads), "─".repeat(total(widths)), ...rows.map(line)]
}

/**
 * A table of at most so many columns of text: what is named in `least` is left out of it, in that order, until the rest
 * fits; lines that are too long even then are cut.
 */
export const fittingTable = (
  heads: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>,
  { columns, least }: { readonly columns: number; readonly least: ReadonlyArray<string> }
): ReadonlyArray<string> => {
  const [first, ...others] = least, at = first === undefined ? -1 : heads.indexOf(first)
  if (first === undefined || total(widthsOf([heads, ...rows])) <= columns) {
    return textTable(heads, rows).map((line) => line.slice(0, columns))
  }
  const without = (row: ReadonlyArray<string>) => row.filter((_, i) => i !== at)
  return fittingTable(without(heads), rows.map(without), { columns, least: others })
}
