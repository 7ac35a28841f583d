import { select } from "d3-selection"
import { zoom, zoomIdentity, zoomTransform } from "d3-zoom"
import type { ZoomBehavior } from "d3-zoom"
import { useEffect, useLayoutEffect, useMemo, useRef } from "preact/hooks"
import { inFrame } from "../charts/frames.ts"
import type { Scene } from "./draw.ts"
import type { Column } from "./graph.ts"
import { LABEL as ROOM, layoutOf } from "./layout.ts"
import type { Change } from "./painter.ts"
// oxlint-disable-next-line import/default -- Vite makes it
import Painter from "./painter.ts?worker"

/** How the picture is moved from outside of it. */
export interface Camera {
  readonly zoomBy: (factor: number) => void
  readonly panBy: (x: number, y: number) => void
  readonly fit: () => void
}

const withoutWeights = (column: Column): Column => ({ ...column, kernel: undefined, bias: undefined })

/** One finger scrolls the page; two, the wheel and the mouse's button move the picture. */
const isOurs = (event: Event): boolean =>
  event.type === "wheel" ||
  (event instanceof MouseEvent ? !event.ctrlKey && event.button === 0 : (event as TouchEvent).touches.length > 1)

const PAN = 60, FACTOR = 1.25
// Names stand over the middles of columns, and do not become smaller with the picture.
const MARGIN = 24, LABEL = 42

/** The picture of a network, to be moved with a pointer or, focused, by arrows, plus, minus and 0. */
export const NetworkCanvas = ({ camera, label, onSelect, scene }: {
  readonly scene: Scene
  readonly label: string
  readonly onSelect: (selected: Scene["selected"]) => void
  readonly camera: { current: Camera | null }
}) => {
  const canvas = useRef<HTMLCanvasElement>(null), behavior = useRef<ZoomBehavior<HTMLCanvasElement, unknown>>(null)
  const layout = useMemo(() => layoutOf(scene.columns, scene.spacing), [scene.columns, scene.spacing])
  const painter = useRef<Worker>(null), sent = useRef<Partial<Scene>>({}), size = useRef({ width: 0, height: 0 })
  const latest = useRef({ layout, onSelect })
  latest.current = { layout, onSelect }
  const send = (change: Change, transfer: ReadonlyArray<Transferable> = []) =>
    painter.current?.postMessage(change, [...transfer])

  const move = useRef(() => {
    const element = canvas.current
    if (element === null) return
    const { k, x, y } = zoomTransform(element)
    send({ view: { k, x, y, ...size.current }, ratio: devicePixelRatio })
    // For tests, and for whoever wonders: how the picture is moved.
    element.dataset["transform"] = [k, x, y].map((n) => n.toFixed(3)).join(" ")
  })
  const redraw = () => inFrame(canvas, move.current)

  const fit = () => {
    const element = canvas.current
    if (element === null || behavior.current === null) return
    const { bottom, left, right, top } = latest.current.layout.bounds
    const { height, width } = size.current
    // What the picture has for names becomes smaller with it.
    const k = Math.min(
      (width - 2 * LABEL) / (right - left),
      (height - MARGIN) / (bottom - top),
      (height - MARGIN - LABEL) / (bottom - top - ROOM),
      2
    )
    const middle = (top + bottom + ROOM - Math.max(ROOM, LABEL / k)) / 2
    select(element).call(
      behavior.current.transform,
      zoomIdentity.translate(width / 2 - k * (left + right) / 2, height / 2 - k * middle).scale(k)
    )
  }

  useLayoutEffect(() => {
    const element = canvas.current!, surface = element.transferControlToOffscreen()
    painter.current = new Painter()
    send({ canvas: surface }, [surface])
    size.current = { width: element.clientWidth, height: element.clientHeight }
    behavior.current = zoom<HTMLCanvasElement, unknown>().scaleExtent([0.05, 12]).filter(isOurs).on("zoom", redraw)
      .duration(matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 250)
    select(element).call(behavior.current)
    const act = (f: (b: ZoomBehavior<HTMLCanvasElement, unknown>) => void) => behavior.current && f(behavior.current)
    camera.current = {
      zoomBy: (factor) => act((b) => select(element).call(b.scaleBy, factor)),
      panBy: (x, y) => act((b) => select(element).call(b.translateBy, x, y)),
      fit
    }
    const observer = new ResizeObserver(() => {
      size.current = { width: element.clientWidth, height: element.clientHeight }
      fit()
      redraw()
    })
    observer.observe(element)
    return () => {
      observer.disconnect()
      select(element).on(".zoom", null)
      painter.current?.terminate()
    }
  }, [])

  const bounds = Object.values(layout.bounds).map(Math.round).join()
  useEffect(fit, [bounds])
  useEffect(() => {
    const before = sent.current
    sent.current = scene
    const changed = Object.entries(scene).filter(([key, value]) => before[key as keyof Scene] !== value)
    const { columns, ...others }: Change = Object.fromEntries(changed)
    // Weights are drawn as edges: the painter needs no more of them.
    send(columns === undefined ? others : { ...others, columns: columns.map(withoutWeights) })
  }, [scene])

  const onClick = (event: MouseEvent) => {
    const element = canvas.current!, box = element.getBoundingClientRect()
    const [x, y] = zoomTransform(element).invert([event.clientX - box.left, event.clientY - box.top])
    onSelect(layout.hit(x, y))
  }
  const onKeyDown = (event: KeyboardEvent) => {
    const actions: { readonly [key: string]: () => void } = {
      ArrowLeft: () => camera.current?.panBy(PAN, 0),
      ArrowRight: () => camera.current?.panBy(-PAN, 0),
      ArrowUp: () => camera.current?.panBy(0, PAN),
      ArrowDown: () => camera.current?.panBy(0, -PAN),
      "+": () => camera.current?.zoomBy(FACTOR),
      "=": () => camera.current?.zoomBy(FACTOR),
      "-": () => camera.current?.zoomBy(1 / FACTOR),
      "0": fit,
      Escape: () => onSelect(undefined)
    }
    const action = actions[event.key]
    if (action === undefined || event.ctrlKey || event.metaKey || event.altKey) return
    event.preventDefault()
    action()
  }
  return (
    <canvas
      ref={canvas}
      class="network"
      tabIndex={0}
      role="img"
      aria-label={label}
      onClick={onClick}
      onKeyDown={onKeyDown}
    />
  )
}
