const GAP = "  "

/** Rows as a table of text, below their heads: a column whose cells are numbers is set to the right. */
export const textTable = (
  heads: ReadonlyArray<string>,
  rows: ReadonlyArray<ReadonlyArray<string>>
): ReadonlyArray<string> => {
  const isNumber = heads.map((_, i) =>
    rows.some((row) => row[i] !== "") && rows.every((row) => /^(-?[\d.,:e+-]+( %)?)?$/.test(row[i]!))
  )
  const widths = heads.map((head, i) => Math.max(head.length, ...rows.map((row) => row[i]!.length)))
  const line = (row: ReadonlyArray<string>) =>
    row.map((cell, i) => isNumber[i] ? cell.padStart(widths[i]!) : cell.padEnd(widths[i]!)).join(GAP).trimEnd()
  return [
    line(heads),
    "─".repeat(widths.reduce((sum, n) => sum + n, 0) + GAP.length * (heads.length - 1)),
    ...rows.map(line)
  ]
}
