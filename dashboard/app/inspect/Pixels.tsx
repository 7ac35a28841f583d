import { useEffect, useRef } from "preact/hooks"
import { cssColor } from "../charts/palette.ts"
import { mix, parse, scaled } from "../network/colors.ts"
import { useDark } from "../theme.ts"

/**
 * Values as a picture, each a pixel: from the least, dark, to the greatest; diverging ones have a color for each sign.
 */
export const Pixels = ({ diverging = false, height, label, size, values, width }: {
  readonly values: ArrayLike<number>
  readonly height: number
  readonly width: number
  /** The width of the picture on the screen, of which it takes at most all. */
  readonly size: number
  readonly label: string
  /** From -1 to 1. */
  readonly diverging?: boolean
}) => {
  const canvas = useRef<HTMLCanvasElement>(null), dark = useDark()
  useEffect(() => {
    const context = canvas.current!.getContext("2d")!, image = context.createImageData(width, height)
    const node = parse(cssColor("--card")), positive = parse(cssColor("--positive"))
    const negative = parse(cssColor("--negative")), scale = scaled(values)
    for (let i = 0; i < width * height; i++) {
      const value = values[i]!
      const [red, green, blue] = diverging
        ? mix(node, value > 0 ? positive : negative, Math.min(1, Math.abs(value)))
        : mix([8, 10, 16], [255, 255, 255], scale(value))
      image.data.set([red, green, blue, 255], 4 * i)
    }
    context.putImageData(image, 0, 0)
  }, [values, width, height, dark])
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
