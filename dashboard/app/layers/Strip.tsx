import type { Distribution } from "effect-neuron/remote"
import { useEffect, useMemo, useRef } from "preact/hooks"
import { cssColor, format } from "../charts/palette.ts"
import { mix, parse } from "../network/colors.ts"
import { useDark } from "../theme.ts"
import { heatOf } from "./heat.ts"

const ROWS = 40

const percent = (part: number): string => `${(100 * part).toFixed(part > 0 && part < 0.1 ? 1 : 0)} %`

/** A distribution's numbers, in words. */
const sentence = ({ dead, mean, stddev, zeros }: Distribution): string =>
  [
    `mean ${format(mean)}`,
    `deviation ${format(stddev)}`,
    ...(zeros > 0 ? [`zero ${percent(zeros)}`] : []),
    ...(dead !== undefined ? [`dead ${percent(dead)}`] : [])
  ].join(" · ")

/** The distributions of one path over time, as a strip. */
export const Strip = ({ distributions, path }: {
  readonly path: string
  readonly distributions: ReadonlyArray<Distribution>
}) => {
  const canvas = useRef<HTMLCanvasElement>(null), dark = useDark()
  const heat = useMemo(() => heatOf(distributions, ROWS), [distributions])
  useEffect(() => {
    const { columns, rows, shares } = heat, context = canvas.current!.getContext("2d")!
    const image = context.createImageData(columns, rows)
    const from = parse(cssColor("--card")), to = parse(cssColor("--accent"))
    shares.forEach((share, i) => image.data.set([...mix(from, to, share), 255], 4 * i))
    context.putImageData(image, 0, 0)
  }, [heat, dark])
  return (
    <figure class="heat">
      <figcaption>
        <h4>{path}</h4> <span class="muted">{sentence(distributions.at(-1)!)}</span>
      </figcaption>
      <div>
        <span class="ends" aria-hidden="true">
          <span>{format(heat.high)}</span>
          <span>{format(heat.low)}</span>
        </span>
        <canvas ref={canvas} width={heat.columns} height={heat.rows} role="img" aria-label={`${path} over time`} />
      </div>
    </figure>
  )
}
