import { Schema } from "effect"
import { View } from "../../show.ts"
import { html } from "../html.ts"
import type { Html } from "../html.ts"
import type { Recorded } from "../record.ts"
import { confusion } from "./confusion.ts"
import { losses } from "./losses.ts"
import { scatter } from "./scatter.ts"
import type { Tested } from "./tested.ts"
import { worst } from "./worst.ts"
import type { Looks } from "./worst.ts"

const isView = Schema.is(View)

/** How the examples of a run are looked at, as far as it says that in a way that is known. */
const looksOf = ({ classes = [], show: { input, target } = {} }: Recorded["run"]): Looks => ({
  classes,
  show: { ...(isView(input) ? { input } : {}), ...(isView(target) ? { target } : {}) }
})

/** What a test of a model showed, example by example. */
export const testSections = ({ run }: Recorded, { examined }: Tested): ReadonlyArray<Html | undefined> => {
  if (examined === undefined) return []
  const looks = looksOf(run), { matrix, predictions, targets } = examined, { target } = looks.show
  const name = target?.kind === "row" ? target.names[0] ?? "value" : "value"
  const drawings = matrix !== undefined ? [] : [
    targets === undefined || predictions === undefined ? undefined : scatter({ targets, predictions }, name),
    losses(examined.losses)
  ].filter((drawing) => drawing !== undefined)
  return [
    matrix && confusion(matrix, target?.kind === "class" ? target.classes : looks.classes),
    drawings.length === 0 ? undefined : html`<section>
<h2>Test</h2>
<div class="charts">
${drawings}</div>
</section>`,
    worst(examined, looks)
  ]
}
