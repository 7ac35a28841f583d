import type { NdArray } from "effect-neuron"
import { useEffect, useRef, useState } from "preact/hooks"
import { blank, center, stroke } from "./brush.ts"
import { clear as clearInput, show as showInput } from "./own.ts"

type Point = readonly [x: number, y: number]
type Rgb = readonly [number, number, number]

const rgbOf = (hex: string): Rgb => {
  const n = Number.parseInt(hex.slice(1), 16)
  return [n >> 16 & 255, n >> 8 & 255, n & 255]
}

interface PadProps {
  readonly height: number
  readonly width: number
  /** 1, 3 or 4. */
  readonly channels: number
  readonly range: readonly [low: number, high: number]
  /** Whether the input has its channels as a dimension of its own. */
  readonly shape: ReadonlyArray<number>
  /** What the network is shown, a batch of one: it can be drawn on. */
  readonly example: NdArray.NdArray | undefined
}

/** The part of an image in a field that is as wide as the longer of its sides. */
const aspect = (width: number, height: number): { readonly [name: string]: string } => ({
  "--aspect": String(width / height)
})

/**
 * A field to draw a picture in, with a pointer or with the keyboard: arrows move the pen, which space puts down and
 * takes up. What is drawn on the side of the images of digits is centered and brought to the size that those have.
 */
export const DrawPad = ({ channels, example, height, range: [low, high], shape, width }: PadProps) => {
  const isColor = channels >= 3, isDigit = !isColor && width === 28 && height === 28
  const start: Point = [Math.floor(width / 2), Math.floor(height / 4)]
  const canvas = useRef<HTMLCanvasElement>(null), last = useRef<Point | null>(null)
  const planes = useRef(Array.from({ length: isColor ? 3 : 1 }, () => blank(width, height)))
  const [pen, setPen] = useState<{ readonly at: Point; readonly down: boolean }>(),
    [color, setColor] = useState("#ffffff")

  const show = () => {
    const context = canvas.current!.getContext("2d")!, image = context.createImageData(width, height)
    const [red, green = red, blue = red] = planes.current.map(({ data }) => data)
    for (let i = 0; i < width * height; i++) {
      image.data.set([red![i]!, green![i]!, blue![i]!].map((value) => Math.round(255 * value)).concat(255), 4 * i)
    }
    context.putImageData(image, 0, 0)
  }
  const publish = () => {
    show()
    const shown = isDigit ? planes.current.map(center) : planes.current
    const value = (i: number, c: number) => c === 3 ? 1 : shown[Math.min(c, shown.length - 1)]!.data[i]!
    const data = new Float32Array(width * height * channels)
    for (let i = 0; i < width * height; i++) {
      for (let c = 0; c < channels; c++) data[i * channels + c] = low + (high - low) * value(i, c)
    }
    const isByte = low === 0 && high === 255
    const whole: NdArray.NdArray["data"] = isByte ? Uint8Array.from(data, Math.round) : data
    showInput({ data: whole, shape: [1, ...shape] })
  }
  const clear = () => {
    planes.current = planes.current.map(() => blank(width, height))
    show()
    clearInput()
  }
  const takeExample = () => {
    planes.current.forEach(({ data }, c) => {
      for (let i = 0; i < data.length; i++) {
        data[i] = Math.max(0, Math.min(1, (example!.data[i * channels + c]! - low) / (high - low)))
      }
    })
    publish()
  }
  useEffect(show, [])

  const lineTo = (to: Point) => {
    const ink = isColor ? rgbOf(color).map((byte) => byte / 255) : [1]
    stroke({ width, height }, last.current ?? to, to, (pixel, share) =>
      planes.current.forEach(({ data }, c) => {
        // Of one color the pen leaves the most that it has covered; others lie over what was there.
        data[pixel] = isColor ? data[pixel]! + (ink[c]! - data[pixel]!) * share : Math.max(data[pixel]!, share)
      }))
    last.current = to
    publish()
  }
  const at = (event: PointerEvent): Point => {
    const box = canvas.current!.getBoundingClientRect()
    return [(event.clientX - box.left) / box.width * width - 0.5, (event.clientY - box.top) / box.height * height - 0.5]
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: { readonly [key: string]: Point } = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1]
    }
    const move = moves[event.key], now = pen ?? { at: start, down: false }
    if (move === undefined && event.key !== " ") return
    event.preventDefault()
    if (move === undefined) {
      last.current = null
      if (!now.down) lineTo(now.at)
      return setPen({ ...now, down: !now.down })
    }
    const most = [width - 1, height - 1]
    const to = now.at.map((n, i) => Math.max(0, Math.min(most[i]!, n + move[i]!))) as unknown as Point
    if (now.down) lineTo(to)
    setPen({ ...now, at: to })
  }
  return (
    <div class="pad">
      <div class="pad-field" style={aspect(width, height)}>
        <canvas
          ref={canvas}
          data-testid="pad"
          width={width}
          height={height}
          tabIndex={0}
          role="application"
          aria-label="Draw an image: arrows move the pen, space puts it down and takes it up"
          onKeyDown={onKeyDown}
          onFocus={(event) => {
            if (event.currentTarget.matches(":focus-visible")) setPen((now) => now ?? { at: start, down: false })
          }}
          onPointerDown={(event) => {
            event.currentTarget.setPointerCapture(event.pointerId)
            setPen(undefined)
            last.current = null
            lineTo(at(event))
          }}
          onPointerMove={(event) => {
            if (event.buttons !== 0) lineTo(at(event))
          }}
        />
        {pen === undefined ? null : (
          <span
            class={`pen ${pen.down ? "down" : ""}`}
            style={{ left: `${(pen.at[0] + 0.5) / width * 100}%`, top: `${(pen.at[1] + 0.5) / height * 100}%` }}
          />
        )}
      </div>
      <p class="hidden" role="status">{pen === undefined ? "" : pen.down ? "pen down" : "pen up"}</p>
      <div class="row">
        <button type="button" onClick={clear}>Clear</button>
        {isDigit
          ? null
          : <button type="button" disabled={example === undefined} onClick={takeExample}>Draw on the example</button>}
        {isColor
          ? (
            <label class="muted">
              color <input type="color" value={color} onInput={({ currentTarget }) => setColor(currentTarget.value)} />
            </label>
          )
          : null}
      </div>
    </div>
  )
}
