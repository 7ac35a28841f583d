import { format } from "../charts/palette.ts"

type Range = readonly [low: number, high: number]

const SIZE = 300, LEFT = 46, BOTTOM = 34, TOP = 8

/** What is drawn into a square plot: dots, or a line through them. */
export interface Drawn {
  readonly xs: ArrayLike<number>
  readonly ys: ArrayLike<number>
  readonly as: "dots" | "line" | "diagonal"
}

/** The least and the greatest of numbers that are finite; of equal ones a range around them. */
export const extent = (...all: ReadonlyArray<ArrayLike<number>>): Range => {
  let low = Infinity, high = -Infinity
  for (const values of all) {
    for (let i = 0; i < values.length; i++) {
      if (!Number.isFinite(values[i]!)) continue
      low = Math.min(low, values[i]!)
      high = Math.max(high, values[i]!)
    }
  }
  if (low > high) return [0, 1]
  return low === high ? [low - 0.5, high + 0.5] : [low, high]
}

/** A square plot of one number against another. */
export const Plot = ({ drawn, label, x, y }: {
  readonly label: string
  readonly x: { readonly name: string; readonly range: Range }
  readonly y: { readonly name: string; readonly range: Range }
  readonly drawn: ReadonlyArray<Drawn>
}) => {
  const toX = (value: number) => LEFT + (value - x.range[0]) / (x.range[1] - x.range[0]) * (SIZE - LEFT - TOP)
  const toY = (value: number) =>
    SIZE - BOTTOM - (value - y.range[0]) / (y.range[1] - y.range[0]) * (SIZE - BOTTOM - TOP)
  return (
    <svg class="plot-square" viewBox={`0 0 ${SIZE} ${SIZE}`} role="img" aria-label={label}>
      <rect class="frame" x={LEFT} y={TOP} width={SIZE - LEFT - TOP} height={SIZE - BOTTOM - TOP} />
      {x.range.map((value, i) => (
        <text key={`x ${i}`} x={toX(value)} y={SIZE - BOTTOM + 14} text-anchor={i === 0 ? "start" : "end"}>
          {format(value)}
        </text>
      ))}
      {y.range.map((value, i) => (
        <text key={`y ${i}`} x={LEFT - 5} y={toY(value) + (i === 0 ? 0 : 9)} text-anchor="end">{format(value)}</text>
      ))}
      <text class="name" x={(LEFT + SIZE - TOP) / 2} y={SIZE - 6} text-anchor="middle">{x.name}</text>
      <text class="name" transform={`translate(12 ${(SIZE - BOTTOM) / 2}) rotate(-90)`} text-anchor="middle">
        {y.name}
      </text>
      {drawn.map(({ as, xs, ys }, i) => {
        const points = Array.from(xs, (value, j) => [toX(value), toY(ys[j]!)] as const)
          .filter(([a, b]) => Number.isFinite(a) && Number.isFinite(b))
        return as === "dots"
          ? <path key={i} class="dots" d={points.map(([a, b]) => `M${a.toFixed(1)} ${b.toFixed(1)}h0`).join("")} />
          : <polyline key={i} class={as} points={points.map(([a, b]) => `${a.toFixed(1)},${b.toFixed(1)}`).join(" ")} />
      })}
    </svg>
  )
}
