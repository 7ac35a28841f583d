import type { NdArray } from "effect-neuron"
import { useEffect, useRef, useState } from "preact/hooks"
import { center, SIDE, stroke } from "./brush.ts"
import { input } from "./input.ts"

type Point = readonly [x: number, y: number]

const START: Point = [13, 6]

const toInput = (ink: Float32Array): NdArray.NdArray => ({ data: center(ink), shape: [1, SIDE, SIDE, 1] })

/**
 * A field to draw a digit in, with a pointer or with the keyboard: arrows move the pen, which space puts down and takes
 * up. What is drawn is centered and brought to the size that the examples have.
 */
export const DrawPad = () => {
  const canvas = useRef<HTMLCanvasElement>(null)
  const ink = useRef(new Float32Array(SIDE * SIDE)), last = useRef<Point | null>(null)
  const [pen, setPen] = useState<{ readonly at: Point; readonly down: boolean }>()

  const show = () => {
    const context = canvas.current!.getContext("2d")!, image = context.createImageData(SIDE, SIDE)
    ink.current.forEach((value, i) => {
      const byte = Math.round(255 * value)
      image.data.set([byte, byte, byte, 255], 4 * i)
    })
    context.putImageData(image, 0, 0)
  }
  const publish = () => {
    show()
    input.set({ drawing: toInput(ink.current), useDrawing: true })
  }
  const clear = () => {
    ink.current = new Float32Array(SIDE * SIDE)
    show()
    input.set({ drawing: undefined, useDrawing: false })
  }
  useEffect(show, [])

  const lineTo = (to: Point) => {
    stroke(ink.current, last.current ?? to, to)
    last.current = to
    publish()
  }
  const at = (event: PointerEvent): Point => {
    const box = canvas.current!.getBoundingClientRect()
    return [(event.clientX - box.left) / box.width * SIDE - 0.5, (event.clientY - box.top) / box.height * SIDE - 0.5]
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const moves: { readonly [key: string]: Point } = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1]
    }
    const move = moves[event.key], now = pen ?? { at: START, down: false }
    if (move === undefined && event.key !== " ") return
    event.preventDefault()
    if (move === undefined) {
      last.current = null
      if (!now.down) lineTo(now.at)
      return setPen({ ...now, down: !now.down })
    }
    const to = now.at.map((n, i) => Math.max(0, Math.min(SIDE - 1, n + move[i]!))) as unknown as Point
    if (now.down) lineTo(to)
    setPen({ ...now, at: to })
  }
  return (
    <div class="pad">
      <div class="pad-field">
        <canvas
          ref={canvas}
          data-testid="pad"
          width={SIDE}
          height={SIDE}
          tabIndex={0}
          role="application"
          aria-label="Draw a digit: arrows move the pen, space puts it down and takes it up"
          onKeyDown={onKeyDown}
          onFocus={(event) => {
            if (event.currentTarget.matches(":focus-visible")) setPen((now) => now ?? { at: START, down: false })
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
            style={{ left: `${(pen.at[0] + 0.5) / SIDE * 100}%`, top: `${(pen.at[1] + 0.5) / SIDE * 100}%` }}
          />
        )}
      </div>
      <p class="hidden" role="status">{pen === undefined ? "" : pen.down ? "pen down" : "pen up"}</p>
      <button type="button" onClick={clear}>Clear</button>
    </div>
  )
}
