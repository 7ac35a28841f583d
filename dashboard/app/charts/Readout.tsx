import { Fragment } from "preact"
import type { Line } from "./Chart.tsx"
import { format } from "./palette.ts"

/** A curve's name, and what it is at a step or at its end. */
interface Value {
  readonly text: string
  readonly color: string
  readonly dashed: boolean
}

/** What the curves are at a step, or at their ends. */
export interface Reading {
  readonly at: number | undefined
  readonly values: ReadonlyArray<Value>
}

export const valuesAt = (lines: ReadonlyArray<Line>, at: number | undefined): ReadonlyArray<Value> =>
  lines.filter(({ faint }) => !faint).map(({ color, dashed = false, label, steps, values }) => {
    const i = at === undefined ? values.length - 1 : steps.findLastIndex((step) => step <= at)
    return { text: `${label} ${format(values[i])}`, color, dashed }
  })

export const words = (values: ReadonlyArray<Value>): string => values.map(({ text }) => text).join(" · ")

export const isSame = (a: Reading | undefined, b: Reading): boolean => JSON.stringify(a) === JSON.stringify(b)

/** A reading, which is also the key to the curves. */
export const Readout = ({ at, values }: Reading) => (
  <span class="readout">
    {at === undefined ? "" : `step ${at}: `}
    {values.map(({ color, dashed, text }, i) => (
      <Fragment key={i}>
        {i === 0 ? "" : " · "}
        <span>
          <span class="line" style={{ borderTop: `2px ${dashed ? "dashed" : "solid"} ${color}` }} />
          {text}
        </span>
      </Fragment>
    ))}
  </span>
)
