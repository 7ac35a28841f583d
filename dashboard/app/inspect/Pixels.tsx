import { useEffect, useRef } from "preact/hooks"
import { cssColor } from "../charts/palette.ts"
import { mix, parse, scaled } from "../network/colors.ts"
import { useDark } from "../theme.ts"

/**
 * Values as a picture: of one channel from the least, dark, to the greatest, or within a range; of three or four as
 * colors within a range; diverging ones have a color for each sign.
 */
export const Pixels = ({ channels = 1, diverging = false, height, label, range, size, values, width }: {
  readonly values: ArrayLike<number>
  readonly height: number
  readonly width: number
  readonly channels?: number
  /** What is dark and what is bright, by default the least and the greatest of the values. */
  readonly range?: readonly [number, number] | undefined
  /** The width of the picture on the screen, of which it takes at most all. */
  readonly size: number
  readonly label: string
  /** From -1 to 1. */
  readonly diverging?: boolean
}) => {
  const canvas = useRef<HTMLCanvasElement>(null), dark = useDark(), [low, high] = range ?? []
  useEffect(() => {
    const context = canvas.current!.getContext("2d")!, image = context.createImageData(width, height)
    const node = parse(cssColor("--card")), positive = parse(cssColor("--positive"))
    const negative = parse(cssColor("--negative"))
    const scale = low === undefined ?
      scaled(values) :
      (value: number) => Math.max(0, Math.min(1, (value - low) / (high! - low)))
    const byte = (i: number) => Math.round(255 * scale(values[i]!))
    for (let i = 0; i < width * height; i++) {
      if (channels >= 3) {
        const at = channels * i, alpha = channels === 4 ? byte(at + 3) : 255
        image.data.set([byte(at), byte(at + 1), byte(at + 2), alpha], 4 * i)
        continue
      }
      const value = values[channels * i]!
      const [red, green, blue] = diverging
        ? mix(node, value > 0 ? positive : negative, Math.min(1, Math.abs(value)))
        : mix([8, 10, 16], [255, 255, 255], scale(value))
      image.data.set([red, green, blue, 255], 4 * i)
    }
    context.putImageData(image, 0, 0)
  }, [values, width, height, channels, low, high, dark])
  return (
    <canvas
      ref={canvas}
      class="pixels"
      role="img"
      aria-label={label}
      width={width}
      height={height}
      style={{ width: size, aspectRatio: `${width} / ${height}` }}
    />
  )
}
