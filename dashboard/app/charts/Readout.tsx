import { Fragment } from "preact"
import { format, runColor } from "./palette.ts"
import type { Entry } from "./readings.ts"

/** A piece of a line, as a chart draws it. */
export const Sample = ({ color, dash }: { readonly color: number; readonly dash: ReadonlyArray<number> }) => (
  <svg class="line" width="20" height="3" aria-hidden="true">
    <line
      x1="0"
      y1="1.5"
      x2="20"
      y2="1.5"
      stroke={runColor(color)}
      stroke-width="2"
      stroke-dasharray={dash.join(" ")}
    />
  </svg>
)

const Values = ({ values }: Pick<Entry, "values">) => (
  <>
    {values.map(({ color, dash, value, what }, i) => (
      <Fragment key={what}>
        {i === 0 ? "" : " · "}
        <span>
          <Sample color={color} dash={dash} />
          {what} {format(value)}
        </span>
      </Fragment>
    ))}
  </>
)

/** Entries of a chart, the first of them: what is left is counted. */
export const Readout = ({ at, entries, most }: {
  /** Where they are; nowhere at their ends. */
  readonly at: string | undefined
  readonly entries: ReadonlyArray<Entry>
  readonly most: number
}) => (
  <>
    {at === undefined ? null : <span class="at">{at}</span>}
    {entries.slice(0, most).map(({ of, values }) => (
      <span key={of} class="entry">
        {entries.length > 1 || values[0]?.what === "" ? <span class="of" title={of}>{of}</span> : null}
        <Values values={values} />
      </span>
    ))}
    {entries.length > most ? <span class="entry">and {entries.length - most} more</span> : null}
  </>
)
