import type { View } from "./options.ts"
import { asSeen, move, pinch } from "./ranges.ts"
import type { Range } from "./ranges.ts"

/** Where a finger is, in parts of both axes. */
export type Finger = readonly [x: number, y: number]

/** What a chart shows when fingers have been moved: one moves what it is zoomed to, two zoom it. */
export const moved = (
  { x, y }: View,
  from: ReadonlyArray<Finger>,
  to: ReadonlyArray<Finger>,
  logarithmic: boolean
): View => {
  const [a, b] = from, [c, d] = to
  if (a === undefined || c === undefined) return { x, y }
  if (b === undefined || d === undefined) return { x: move(x, (a[0] - c[0]) * (x[1] - x[0])), y }
  return {
    x: pinch(x, [a[0], b[0]], [c[0], d[0]]),
    y: asSeen(logarithmic, (range: Range) => pinch(range, [a[1], b[1]], [c[1], d[1]]))(y)
  }
}

/**
 * Follows fingers on an element: `show` is told what they make of `view`, and `read` where one is that was not moved
 * far. What one finger does up and down scrolls the page.
 */
export const followTouch = (
  element: HTMLElement,
  { logarithmic, read, show, view }: {
    readonly view: () => View
    readonly logarithmic: boolean
    readonly show: (view: View, fingers: number) => void
    readonly read: (finger: Finger) => void
  }
): void => {
  const now = new Map<number, Finger>()
  let from: ReadonlyArray<Finger> = [], before = view
  const fingerAt = ({ clientX, clientY }: PointerEvent): Finger => {
    const { bottom, height, left, width } = element.getBoundingClientRect()
    return [(clientX - left) / width, (bottom - clientY) / height]
  }
  const begin = () => {
    const seen = view()
    from = [...now.values()]
    before = () => seen
  }
  const touches = (act: (event: PointerEvent) => void) => (event: PointerEvent) => {
    if (event.pointerType === "touch") act(event)
  }
  element.style.touchAction = "pan-y"
  // After a tap some browsers say that a mouse has left, which would take away what is read.
  let isTouched = false
  const noteWhat = ({ pointerType }: PointerEvent) => {
    isTouched = pointerType === "touch"
  }
  element.addEventListener("pointerdown", noteWhat)
  element.addEventListener("pointermove", noteWhat)
  element.addEventListener("mouseleave", (event) => isTouched && event.stopImmediatePropagation(), { capture: true })
  element.addEventListener(
    "pointerdown",
    touches((event) => {
      now.set(event.pointerId, fingerAt(event))
      begin()
      read(fingerAt(event))
    })
  )
  element.addEventListener(
    "pointermove",
    touches((event) => {
      if (!now.has(event.pointerId)) return
      now.set(event.pointerId, fingerAt(event))
      if (now.size === 1) read(fingerAt(event))
      show(moved(before(), from, [...now.values()], logarithmic), now.size)
    })
  )
  for (const type of ["pointerup", "pointercancel"] as const) {
    element.addEventListener(
      type,
      touches((event) => {
        now.delete(event.pointerId)
        begin()
      })
    )
  }
}
