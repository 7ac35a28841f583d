import type { NdArray } from "effect-neuron"
import { useEffect, useMemo, useRef } from "preact/hooks"
import type { Example, View } from "../../../src/experiment/index.ts"
import { cssColor } from "../charts/palette.ts"
import { useExamples } from "../inspect/examples.ts"
import { show } from "../inspect/own.ts"
import { usePolled } from "../inspect/usePolled.ts"
import { mix, parse, scaled } from "../network/colors.ts"
import type { Rgb } from "../network/colors.ts"
import { ask } from "../state/session.ts"
import { useDark } from "../theme.ts"
import type { Described } from "../training/definition.ts"
import { probabilitiesOf } from "./values.ts"

type Ranges = Extract<View, { readonly kind: "point" }>["ranges"]
type Arr = NdArray.NdArray

/** Cells along a side, and points of the data. */
const SIDE = 56, POINTS = 400, STEPS = 40

const SIZE = 420

const between = ([low, high]: readonly [number, number], share: number): number => low + (high - low) * share
const shareOf = ([low, high]: readonly [number, number], value: number): number => (value - low) / (high - low)

/** The middles of the cells of a grid, row by row from above, as a batch. */
export const gridOf = ([xs, ys]: Ranges, side: number): Arr => {
  const data = new Float32Array(2 * side * side)
  for (let i = 0; i < side * side; i++) {
    data[2 * i] = between(xs, (i % side + 0.5) / side)
    data[2 * i + 1] = between(ys, 1 - (Math.floor(i / side) + 0.5) / side)
  }
  return { data, shape: [side * side, 2] }
}

const classColor = (i: number): Rgb => parse(cssColor(`--run-${i % 7}`))

/** The color of each cell: of its classes by how likely they are, or of its number between the least and the greatest. */
const colorsOf = (answer: Arr, target: View | undefined): (cell: number) => Rgb => {
  const ground = parse(cssColor("--card")), each = answer.data.length / answer.shape[0]!
  if (target?.kind === "class") {
    const count = target.classes.length, colors = target.classes.map((_, i) => classColor(i))
    return (cell) => {
      const p = probabilitiesOf({ data: answer.data.subarray(cell * each, (cell + 1) * each) }, count)
      const sum = [0, 1, 2].map((c) => p.reduce((sum, share, i) => sum + share * colors[i]![c]!, 0))
      return mix(ground, sum as unknown as Rgb, 0.5)
    }
  }
  const first = Float32Array.from({ length: answer.shape[0]! }, (_, cell) => answer.data[cell * each]!)
  const scale = scaled(first), low = parse(cssColor("--negative")), high = parse(cssColor("--positive"))
  return (cell) => mix(ground, mix(low, high, scale(first[cell]!)), 0.6)
}

const Points = ({ about: { show }, examples, ranges: [xs, ys] }: {
  readonly about: Described
  readonly examples: ReadonlyArray<Example>
  readonly ranges: Ranges
}) =>
  useMemo(() => (
    <>
      {examples.map(({ x, y }, i) => {
        const { data } = x as Arr, label = show?.target.kind === "class" ? (y as Arr).data[0]! : 6
        return (
          <circle
            key={i}
            cx={SIZE * shareOf(xs, data[0]!)}
            cy={SIZE * (1 - shareOf(ys, data[1]!))}
            r="3"
            style={{ fill: `var(--run-${label % 7})` }}
          />
        )
      })}
    </>
  ), [examples, show, xs[0], xs[1], ys[0], ys[1]])

/**
 * The plane that points are in: what the network says everywhere, behind the points of the data, and the point that it
 * is asked about, which a pointer or the arrows move.
 */
export const Plane = ({ about, ranges, x }: {
  readonly about: Described
  readonly ranges: Ranges
  /** The point that is shown, a batch of one. */
  readonly x: Arr | undefined
}) => {
  const canvas = useRef<HTMLCanvasElement>(null), dark = useDark()
  const grid = useMemo(() => gridOf(ranges, SIDE), [about])
  const answer = usePolled(() => ask((client) => client.predict(grid)), 250, "grid") as Arr | undefined
  const count = Math.min(POINTS, about.sizes.train)
  const examples = useExamples("train", Array.from({ length: count }, (_, i) => i))
  const [xs, ys] = ranges, target = about.show?.target
  useEffect(() => {
    if (answer === undefined) return
    const context = canvas.current!.getContext("2d")!, image = context.createImageData(SIDE, SIDE)
    const color = colorsOf(answer, target)
    for (let i = 0; i < SIDE * SIDE; i++) image.data.set([...color(i), 255], 4 * i)
    context.putImageData(image, 0, 0)
    canvas.current!.dataset["drawn"] = String(Number(canvas.current!.dataset["drawn"] ?? 0) + 1)
  }, [answer, dark, target])
  const now = [x?.data[0] ?? 0, x?.data[1] ?? 0] as const
  const move = (to: readonly [number, number]) =>
    show({
      data: Float32Array.from(to, (value, i) => Math.max(ranges[i]![0], Math.min(ranges[i]![1], value))),
      shape: [1, 2]
    })
  const onPointer = (event: PointerEvent & { readonly currentTarget: HTMLElement }) => {
    const box = event.currentTarget.getBoundingClientRect()
    move([
      between(xs, (event.clientX - box.left) / box.width),
      between(ys, 1 - (event.clientY - box.top) / box.height)
    ])
  }
  const steps: { readonly [key: string]: readonly [number, number] } = {
    ArrowLeft: [-1, 0],
    ArrowRight: [1, 0],
    ArrowUp: [0, 1],
    ArrowDown: [0, -1]
  }
  const named = now.map((value) => value.toFixed(2)).join(", ")
  return (
    <div class="plane-field">
      <div
        class="plane"
        data-testid="plane"
        tabIndex={0}
        role="application"
        aria-label={`The plane, with a point at ${named}: arrows move it`}
        onKeyDown={(event) => {
          const step = steps[event.key]
          if (step === undefined) return
          event.preventDefault()
          move([now[0] + step[0] * (xs[1] - xs[0]) / STEPS, now[1] + step[1] * (ys[1] - ys[0]) / STEPS])
        }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          onPointer(event)
        }}
        onPointerMove={(event) => {
          if (event.buttons !== 0) onPointer(event)
        }}
      >
        <canvas ref={canvas} width={SIDE} height={SIDE} aria-hidden="true" />
        <svg viewBox={`0 0 ${SIZE} ${SIZE}`} aria-hidden="true">
          {examples === undefined ? null : <Points about={about} examples={examples} ranges={ranges} />}
          {x === undefined ?
            null :
            (
              <g
                class="asked"
                transform={`translate(${SIZE * shareOf(xs, now[0])} ${SIZE * (1 - shareOf(ys, now[1]))})`}
              >
                <circle r="9" />
                <circle r="2.5" />
              </g>
            )}
        </svg>
      </div>
      <p class="muted plane-scale">
        <span>x from {xs[0]} to {xs[1]}, y from {ys[0]} to {ys[1]}</span>
        <output>{named}</output>
      </p>
      {target?.kind === "class"
        ? (
          <p class="plane-classes">
            {target.classes.map((name, i) => (
              <span key={name}>
                <span class={`swatch run-${i % 7}`} aria-hidden="true" /> {name}
              </span>
            ))}
          </p>
        )
        : null}
    </div>
  )
}
