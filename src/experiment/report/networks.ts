import { format } from "../../core/Shape.ts"
import type { Summary, SummaryRow } from "../../layers/summary.ts"
import { html } from "./html.ts"
import type { Html } from "./html.ts"
import { count } from "./numbers.ts"
import type { Recorded } from "./record.ts"
import { details, table } from "./table.ts"

/** What the networks of a run are made of; nothing where it does not say. */
export const networks = ({ run: { networks = {} } }: Pick<Recorded, "run">): ReadonlyArray<Html> => {
  const entries = Object.entries(networks)
  if (entries.length === 0) return []
  return [
    html`<section>
<h2>${entries.length === 1 ? "Model" : "Networks"}</h2>
${entries.map(([name, summary]) => details(`The layers of the ${name}`, layers(name, summary), entries.length === 1))}
</section>`
  ]
}

/** A row, or the sum of all. */
type Row = Pick<SummaryRow, "parameters" | "multiplyAdds"> & Partial<SummaryRow>

const layers = (name: string, summary: Summary): Html =>
  html`<div class="layers">${
    table<Row>({
      label: `Layers of the ${name}`,
      caption: captionOf(summary),
      columns: [
        // A model of one layer has no name for it.
        ["layer", ({ path = "total" }) => path === "" ? name : path],
        ["kind", ({ name = "" }) => name],
        ["output", ({ output }) => output === undefined ? "" : format(output)],
        ["parameters", ({ isGroup, parameters }) => isGroup ? "" : count(parameters)],
        [
          "multiply-adds",
          ({ isGroup, multiplyAdds }) => isGroup ? "" : multiplyAdds === null ? "?" : count(multiplyAdds)
        ]
      ],
      rows: [...summary.rows, summary]
    })
  }</div>`

const captionOf = ({ bytes }: Summary): string =>
  `What each layer gives for one example; parameters and running state take ${
    bytes < 1e3
      ? `${bytes} bytes`
      : bytes < 1e6
      ? `${(bytes / 1e3).toFixed(1)} kB`
      : `${(bytes / 1e6).toFixed(1)} MB`
  }`
