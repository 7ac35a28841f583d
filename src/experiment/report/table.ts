import { html } from "./html.ts"
import type { Html, Part } from "./html.ts"

/** A column: what stands above it, and what it says of a row. */
export type Column<Row> = readonly [head: string, cell: (row: Row, index: number) => Part]

/** A table whose first column says what its rows are about. */
export interface TableOptions<Row> {
  /** What it is, in a word or two, for those who go from part to part of the page. */
  readonly label: string
  readonly caption: string
  readonly columns: ReadonlyArray<Column<Row>>
  readonly rows: ReadonlyArray<Row>
}

/** A table that can be scrolled where the page is narrow. */
export const table = <Row>({ caption, columns, label, rows }: TableOptions<Row>): Html =>
  html`<div class="scroll" role="region" aria-label="${label}" tabindex="0">
<table>
<caption>${caption}</caption>
<thead><tr>${columns.map(([head]) => html`<th scope="col">${head}</th>`)}</tr></thead>
<tbody>
${
    rows.map((row, index) =>
      html`<tr>${
        columns.map(([, cell], i) =>
          i === 0 ? html`<th scope="row">${cell(row, index)}</th>` : html`<td>${cell(row, index)}</td>`
        )
      }</tr>
`
    )
  }</tbody>
</table>
</div>`

/** What is shown when it is asked for. */
export const details = (title: string, content: Html, open: boolean): Html =>
  html`<details${open ? html` open="open"` : undefined}>
<summary>${title}</summary>
${content}
</details>`
