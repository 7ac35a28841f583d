/** A table as text: the first column to the left, the others to the right. */
export const table = (head: ReadonlyArray<string>, rows: ReadonlyArray<ReadonlyArray<string>>): string => {
  const all = [head, head.map(() => ""), ...rows]
  const widths = head.map((_, column) => Math.max(...all.map((row) => row[column]!.length)))
  return all.map((row, i) => {
    const cells = row.map((cell, column) => {
      const width = widths[column]!
      if (i === 1) return column === 0 ? "-".repeat(width) : `${"-".repeat(width - 1)}:`
      return column === 0 ? cell.padEnd(width) : cell.padStart(width)
    })
    return `| ${cells.join(" | ")} |`
  }).join("\n")
}
