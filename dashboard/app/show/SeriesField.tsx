import type { NdArray } from "effect-neuron"
import { useRef, useState } from "preact/hooks"
import type { View } from "../../../src/experiment/index.ts"
import { format } from "../charts/palette.ts"
import { NumberField } from "../controls/NumberField.tsx"
import { show } from "../inspect/own.ts"
import { continued, coursesOf, goingOn } from "./courses.ts"
import { frameOf } from "./frame.ts"
import type { Frame } from "./frame.ts"
import { Drawn, Key } from "./Lines.tsx"
import { drawnBetween, limitsOf, readable, withValue } from "./values.ts"
import type { Place } from "./values.ts"

type Arr = NdArray.NdArray

const SIZE = { width: 480, height: 260, room: 0.2, count: 6 }, STEPS = 40

/** The channel that is drawn, of several. */
const Channels = ({ channel, choose, names }: {
  readonly names: ReadonlyArray<string>
  readonly channel: number
  readonly choose: (channel: number) => void
}) => (
  <fieldset class="legend">
    <legend class="hidden">What is drawn</legend>
    {names.map((name, i) => (
      <label key={name}>
        <input type="radio" name="channel" checked={i === channel} onChange={() => choose(i)} />
        <span class={`swatch run-${i % 7}`} aria-hidden="true" /> {name}
      </label>
    ))}
  </fieldset>
)

/**
 * A series that is drawn: with a pointer, or by keys, of which left and right choose a moment and up and down change its
 * value. Where what is predicted goes on, it is in the same plot.
 */
export const SeriesField = ({ names, prediction, target, truth, view, x }: {
  readonly names: ReadonlyArray<string>
  readonly view: View
  readonly target: View | undefined
  /** A batch of one. */
  readonly x: Arr
  readonly prediction: Arr | undefined
  /** Of the example that is shown, unless a person has made another one of it. */
  readonly truth: Arr | undefined
}) => {
  const [chosen, choose] = useState(0), [at, setAt] = useState(0)
  const last = useRef<Place>(), [held, hold] = useState<Frame>()
  const series: Arr = { data: x.data, shape: x.shape.slice(1) }, [length = 1] = series.shape
  const channel = Math.min(chosen, names.length - 1), moment = Math.min(at, length - 1)
  const given = coursesOf(names, series), on = goingOn(view, target, length)
  const further = on === undefined ? [] : [
    ...truth === undefined ? [] : continued(given, truth, on, "true", false),
    ...prediction === undefined
      ? []
      : continued(given, { data: prediction.data, shape: prediction.shape.slice(1) }, on, "predicted", true)
  ]
  // The axes stay as they are while a line is drawn.
  const frame = held ?? frameOf([...given, ...further], SIZE)
  const { color, name, values } = given[channel]!, value = values[moment]!
  const by = (frame.high - frame.low) / STEPS
  const set = (to: number) => show(withValue(x, moment * names.length + channel, to))
  const placeOf = ({ clientX, clientY, currentTarget }: PointerEvent & { readonly currentTarget: Element }): Place => {
    const box = currentTarget.getBoundingClientRect()
    const at = Math.round(frame.momentAt((clientX - box.left) / box.width * frame.width))
    return [
      Math.max(0, Math.min(length - 1, at)),
      frame.valueAt((clientY - box.top) / box.height * frame.height)
    ]
  }
  const drawTo = (to: Place) => {
    show(drawnBetween(x, channel, last.current ?? to, to))
    last.current = to
    setAt(to[0])
  }
  const release = () => {
    last.current = undefined
    hold(undefined)
  }
  const keys: { readonly [key: string]: () => void } = {
    ArrowLeft: () => setAt(Math.max(0, moment - 1)),
    ArrowRight: () => setAt(Math.min(length - 1, moment + 1)),
    Home: () => setAt(0),
    End: () => setAt(length - 1),
    ArrowUp: () => set(value + by),
    ArrowDown: () => set(value - by)
  }
  const shown = [...given, ...further]
  return (
    <div class="series-field">
      {names.length === 1 ? null : <Channels names={names} channel={channel} choose={choose} />}
      <div
        class="lines drawn"
        data-testid="series"
        tabIndex={0}
        role="application"
        aria-label={`${name} at ${moment} is ${format(value)}: left and right choose a moment, up and down change it`}
        onKeyDown={(event) => {
          const act = keys[event.key]
          if (act === undefined) return
          event.preventDefault()
          act()
        }}
        onPointerDown={(event) => {
          event.currentTarget.setPointerCapture(event.pointerId)
          hold(frame)
          last.current = undefined
          drawTo(placeOf(event))
        }}
        onPointerMove={(event) => {
          if (event.buttons !== 0 && last.current !== undefined) drawTo(placeOf(event))
        }}
        onPointerUp={release}
        onPointerCancel={release}
      >
        <svg viewBox={`0 0 ${frame.width} ${frame.height}`} aria-hidden="true">
          {on === undefined ?
            null :
            (
              <line
                class="grid now"
                x1={frame.x(on.start - 0.5)}
                x2={frame.x(on.start - 0.5)}
                y1="0"
                y2={frame.height - 18}
              />
            )}
          <Drawn courses={shown} frame={frame} />
          <circle cx={frame.x(moment)} cy={frame.y(value)} r="5" style={{ fill: `var(--run-${color % 7})` }} />
        </svg>
      </div>
      <p class="muted lines-key">
        <Key courses={shown} />
      </p>
      <div class="fields row-fields">
        <NumberField
          label="moment"
          limits={{ type: "integer", minimum: 0, maximum: length - 1 }}
          value={moment}
          onChange={(to) => to !== undefined && setAt(to)}
        />
        <NumberField
          label={`${name} there`}
          limits={limitsOf(x)}
          value={readable(value)}
          onChange={(to) => to !== undefined && set(to)}
        />
      </div>
    </div>
  )
}
