import type { NdArray } from "effect-neuron"
import type { ComponentChildren, TargetedEvent } from "preact"
import { useState } from "preact/hooks"
import type { Example, Split } from "../../../src/experiment/index.ts"
import { Beside } from "../show/Beside.tsx"
import { Sight } from "../show/Sight.tsx"
import type { Described } from "../training/definition.ts"
import { splitOf, useExamples } from "./examples.ts"
import { input } from "./input.ts"

/** An example by its place, with what stands below it. */
export interface Shown {
  readonly place: number
  readonly below: ComponentChildren
  /** What the network gives for it, where that is to be seen. */
  readonly prediction?: NdArray.HostTree | undefined
}

const Item = ({ about, example, shown: { below, place, prediction }, split }: {
  readonly about: Described
  readonly split: Split
  readonly shown: Shown
  readonly example: Example
}) => {
  const label = `${split} example ${place}`
  const sight = prediction === undefined
    ? <Sight label={label} size="small" value={example.x} view={about.show?.input} />
    : <Beside label={label} example={example} prediction={prediction} show={about.show} />
  return split === splitOf(about)
    ? (
      <a href="#network" title="Look at it in the network" onClick={() => input.set({ useOwn: false, example: place })}>
        {sight}
        {below}
      </a>
    )
    : (
      <div>
        {sight}
        {below}
      </div>
    )
}

/** Examples. They stay as they are while one of them is pointed at or has the focus: it would be gone before it is chosen. */
export const Gallery = ({ about, examples, split }: {
  readonly about: Described
  readonly split: Split
  readonly examples: ReadonlyArray<Shown>
}) => {
  const [held, setHeld] = useState<ReadonlyArray<Shown>>(), shown = held ?? examples
  const found = useExamples(split, shown.map(({ place }) => place))
  const [last, setLast] = useState<{ readonly shown: ReadonlyArray<Shown>; readonly found: ReadonlyArray<Example> }>()
  // What was there stays until the next ones are.
  if (found !== undefined && last?.found !== found) setLast({ shown, found })
  const hold = () => setHeld((before) => before ?? examples)
  const release = ({ currentTarget, relatedTarget, type }: TargetedEvent<HTMLElement, FocusEvent | PointerEvent>) => {
    const next = type === "focusout" ? relatedTarget : document.activeElement
    if (!currentTarget.contains(next as Node | null)) setHeld(undefined)
  }
  return (
    <ul
      class={`gallery of-${about.show?.input.kind ?? "row"}`}
      onFocusIn={hold}
      onFocusOut={release}
      onPointerEnter={hold}
      onPointerLeave={release}
    >
      {(last?.found ?? []).map((example, i) => (
        <li key={last!.shown[i]!.place}>
          <Item about={about} example={example} shown={last!.shown[i]!} split={split} />
        </li>
      ))}
    </ul>
  )
}
