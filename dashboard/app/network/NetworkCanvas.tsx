import { select } from "d3-selection"
import { zoom, zoomIdentity, zoomTransform } from "d3-zoom"
import type { ZoomBehavior } from "d3-zoom"
import { useEffect, useLayoutEffect, useRef } from "preact/hooks"
import { inFrame } from "../charts/frames.ts"
import { draw } from "./draw.ts"
import type { Scene } from "./draw.ts"

/** How the picture is moved from outside of it. */
export interface Camera {
  readonly zoomBy: (factor: number) => void
  readonly panBy: (x: number, y: number) => void
  readonly fit: () => void
}

const PAN = 60, FACTOR = 1.25

/** The picture of a network, to be moved with a pointer or, focused, by arrows, plus, minus and 0. */
export const NetworkCanvas = ({ camera, label, onSelect, scene }: {
  readonly scene: Scene
  readonly label: string
  readonly onSelect: (selected: Scene["selected"]) => void
  readonly camera: { current: Camera | null }
}) => {
  const canvas = useRef<HTMLCanvasElement>(null), behavior = useRef<ZoomBehavior<HTMLCanvasElement, unknown>>(null)
  const latest = useRef({ scene, onSelect })
  latest.current = { scene, onSelect }

  const render = useRef(() => {
    const element = canvas.current
    if (element === null) return
    const { clientHeight, clientWidth } = element, ratio = devicePixelRatio
    if (element.width !== clientWidth * ratio || element.height !== clientHeight * ratio) {
      element.width = clientWidth * ratio
      element.height = clientHeight * ratio
    }
    const context = element.getContext("2d")!
    context.setTransform(ratio, 0, 0, ratio, 0, 0)
    context.clearRect(0, 0, clientWidth, clientHeight)
    draw(context, latest.current.scene, zoomTransform(element))
    // For tests, and for whoever wonders: how the picture is moved.
    const { k, x, y } = zoomTransform(element)
    element.dataset["transform"] = [k, x, y].map((n) => n.toFixed(3)).join(" ")
  })
  const redraw = () => inFrame(canvas, render.current)

  const fit = () => {
    const element = canvas.current
    if (element === null || behavior.current === null) return
    const { bottom, left, right, top } = latest.current.scene.layout.bounds, margin = 24
    const { clientHeight, clientWidth } = element
    const k = Math.min((clientWidth - margin) / (right - left), (clientHeight - margin) / (bottom - top), 2)
    select(element).call(
      behavior.current.transform,
      zoomIdentity.translate(clientWidth / 2 - k * (left + right) / 2, clientHeight / 2 - k * (top + bottom) / 2).scale(
        k
      )
    )
  }

  useLayoutEffect(() => {
    const element = canvas.current!
    behavior.current = zoom<HTMLCanvasElement, unknown>().scaleExtent([0.05, 12]).on("zoom", redraw)
      .duration(matchMedia("(prefers-reduced-motion: reduce)").matches ? 0 : 250)
    select(element).call(behavior.current)
    const act = (f: (b: ZoomBehavior<HTMLCanvasElement, unknown>) => void) => behavior.current && f(behavior.current)
    camera.current = {
      zoomBy: (factor) => act((b) => select(element).call(b.scaleBy, factor)),
      panBy: (x, y) => act((b) => select(element).call(b.translateBy, x, y)),
      fit
    }
    const observer = new ResizeObserver(() => {
      fit()
      redraw()
    })
    observer.observe(element)
    return () => {
      observer.disconnect()
      select(element).on(".zoom", null)
    }
  }, [])

  const { layout } = scene
  const bounds = Object.values(layout.bounds).map(Math.round).join()
  useEffect(fit, [bounds])
  useEffect(redraw, [scene])

  const onClick = (event: MouseEvent) => {
    const element = canvas.current!, box = element.getBoundingClientRect()
    const [x, y] = zoomTransform(element).invert([event.clientX - box.left, event.clientY - box.top])
    onSelect(latest.current.scene.layout.hit(x, y))
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
