import { useId } from "preact/hooks"
import { format } from "../charts/palette.ts"
import type { Course } from "./courses.ts"
import { frameOf } from "./frame.ts"
import type { Frame } from "./frame.ts"

/** The axes of a frame, and courses in it. */
export const Drawn = ({ courses, frame }: { readonly courses: ReadonlyArray<Course>; readonly frame: Frame }) => (
  <>
    {frame.ticks.map((value) => (
      <g key={value}>
        <line class="grid" x1={frame.left} x2={frame.width - 6} y1={frame.y(value)} y2={frame.y(value)} />
        <text x={frame.left - 6} y={frame.y(value) + 4} text-anchor="end">{format(value)}</text>
      </g>
    ))}
    <text x={frame.left} y={frame.height - 4}>{frame.first}</text>
    <text x={frame.width - 8} y={frame.height - 4} text-anchor="end">{frame.last}</text>
    <Curves courses={courses} frame={frame} />
  </>
)

const Curves = ({ courses, frame }: { readonly courses: ReadonlyArray<Course>; readonly frame: Frame }) => (
  <>
    {courses.map(({ color, isDashed = false, name, start = 0, values }) => (
      <polyline
        key={name}
        points={values.map((value, i) => [frame.x(start + i), frame.y(value)] as const)
          .filter((point) => point.every(Number.isFinite))
          .map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ")}
        style={{ stroke: `var(--run-${color % 7})`, strokeDasharray: isDashed ? "5 4" : undefined }}
      />
    ))}
  </>
)

/** What each course is. */
export const Key = ({ courses }: { readonly courses: ReadonlyArray<Course> }) => (
  <>
    {courses.map(({ color, isDashed = false, name }) => (
      <span key={name}>
        <svg class="line-key" viewBox="0 0 18 8" aria-hidden="true">
          <polyline
            points="0,4 18,4"
            style={{ stroke: `var(--run-${color % 7})`, strokeDasharray: isDashed ? "5 4" : undefined }}
          />
        </svg>{" "}
        {name}
      </span>
    ))}
  </>
)

const SMALL = { width: 160, height: 64, left: 2, bottom: 0, count: 0 }

/** Courses over their moments, as lines; small ones have no room for words. */
export const Lines = ({ courses, label, size = "large" }: {
  readonly courses: ReadonlyArray<Course>
  readonly label: string
  readonly size?: "small" | "large"
}) => {
  const id = useId()
  if (size === "small") {
    const frame = frameOf(courses, SMALL)
    return (
      <svg class="lines small" viewBox={`0 0 ${frame.width} ${frame.height}`} role="img" aria-label={label}>
        <Curves courses={courses} frame={frame} />
      </svg>
    )
  }
  const frame = frameOf(courses)
  return (
    <figure class="lines" aria-labelledby={id}>
      <svg viewBox={`0 0 ${frame.width} ${frame.height}`} role="img" aria-label={label}>
        <Drawn courses={courses} frame={frame} />
      </svg>
      <figcaption class="muted" id={id}>
        <Key courses={courses} />
      </figcaption>
    </figure>
  )
}
