import type { NdArray } from "effect-neuron"
import { useEffect, useRef } from "preact/hooks"
import { cssColor } from "../charts/palette.ts"
import { mix, parse } from "../network/colors.ts"
import { useDark } from "../theme.ts"

/** What a head looks at, of all tokens, as a picture; the row of a token is marked beside it. */
export const HeadMap = ({ isChosen, label, onChoose, row, weights: { data, shape } }: {
  readonly label: string
  readonly isChosen: boolean
  readonly row: number | undefined
  readonly weights: NdArray.NdArray
  readonly onChoose: () => void
}) => {
  const canvas = useRef<HTMLCanvasElement>(null), dark = useDark(), [time = 1, keys = 1] = shape
  useEffect(() => {
    const context = canvas.current!.getContext("2d")!, image = context.createImageData(keys, time)
    const from = parse(cssColor("--card")), to = parse(cssColor("--accent"))
    data.forEach((weight, i) => image.data.set([...mix(from, to, Math.sqrt(weight)), 255], 4 * i))
    context.putImageData(image, 0, 0)
  }, [data, dark, keys, time])
  return (
    <button type="button" class="head" aria-pressed={isChosen} aria-label={label} title={label} onClick={onChoose}>
      <canvas ref={canvas} width={keys} height={time} />
      {row === undefined ? null : <i style={{ top: `${100 * (row + 0.5) / time}%` }} aria-hidden="true" />}
    </button>
  )
}
