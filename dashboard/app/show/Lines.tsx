import { useId } from "preact/hooks"
import { format } from "../charts/palette.ts"

/** A course of numbers, and whether it is one that was predicted. */
export interface Course {
  readonly name: string
  readonly values: ReadonlyArray<number>
  readonly color: number
  readonly isDashed?: boolean
}

const WIDTH = 420, HEIGHT = 180, LEFT = 44, BOTTOM = 18

/** Courses over their places, as lines. */
export const Lines = ({ courses, label }: { readonly courses: ReadonlyArray<Course>; readonly label: string }) => {
  const id = useId(), all = courses.flatMap(({ values }) => values).filter(Number.isFinite)
  const low = Math.min(...all), high = Math.max(...all), span = high - low || 1
  const last = Math.max(1, ...courses.map(({ values }) => values.length - 1))
  const x = (i: number) => LEFT + i / last * (WIDTH - LEFT - 6)
  const y = (value: number) => 6 + (high - value) / span * (HEIGHT - BOTTOM - 12)
  return (
    <figure class="lines" aria-labelledby={id}>
      <svg viewBox={`0 0 ${WIDTH} ${HEIGHT}`} role="img" aria-label={label}>
        {[low, high].map((value, i) => (
          <g key={i}>
            <line class="grid" x1={LEFT} x2={WIDTH - 6} y1={y(value)} y2={y(value)} />
            <text x={LEFT - 6} y={y(value) + 4} text-anchor="end">{format(value)}</text>
          </g>
        ))}
        <text x={LEFT} y={HEIGHT - 4}>0</text>
        <text x={WIDTH - 6} y={HEIGHT - 4} text-anchor="end">{last}</text>
        {courses.map(({ color, isDashed = false, name, values }) => (
          <polyline
            key={name}
            points={values.map((value, i) => `${x(i).toFixed(1)},${y(value).toFixed(1)}`).join(" ")}
            style={{ stroke: `var(--run-${color % 7})`, strokeDasharray: isDashed ? "5 4" : undefined }}
          />
        ))}
      </svg>
      <figcaption class="muted" id={id}>
        {courses.map(({ color, name }) => (
          <span key={name}>
            <span class={`swatch run-${color % 7}`} aria-hidden="true" /> {name}
          </span>
        ))}
      </figcaption>
    </figure>
  )
}
