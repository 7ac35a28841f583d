import type { NdArray } from "effect-neuron"
import type { ComponentChildren } from "preact"
import { useMemo, useRef, useState } from "preact/hooks"
import { cssColor } from "../charts/palette.ts"
import { usePolled } from "../inspect/usePolled.ts"
import { WhyNot } from "../inspect/WhyNot.tsx"
import { ask, session } from "../state/session.ts"
import { settings } from "../state/settings.ts"
import { useStore } from "../state/store.ts"
import { useDark } from "../theme.ts"
import { parse, randomColor } from "./colors.ts"
import { Details } from "./Details.tsx"
import type { Scene } from "./draw.ts"
import { edgesOf } from "./edges.ts"
import { columnsOf, nameOf } from "./graph.ts"
import { NetworkCanvas } from "./NetworkCanvas.tsx"
import type { Camera } from "./NetworkCanvas.tsx"
import { NetworkOptions } from "./NetworkOptions.tsx"
import type { Stage } from "./stages.ts"

const none: ReadonlyArray<string> = []

const EVERY = 200, MOST = { units: 32, maps: 12 }

const useTheme = (): Scene["theme"] => {
  const dark = useDark()
  return useMemo(() => ({
    background: cssColor("--card"),
    node: parse(cssColor("--node")),
    wire: parse(cssColor("--muted")),
    text: cssColor("--text"),
    muted: cssColor("--muted"),
    line: cssColor("--line"),
    accent: cssColor("--accent"),
    positive: parse(cssColor("--positive")),
    negative: parse(cssColor("--negative"))
  }), [dark])
}

/** What is selected, by its layer and number: for those who use no pointer. */
const Selection = ({ onSelect, scene }: {
  readonly scene: Scene
  readonly onSelect: (selected: Scene["selected"]) => void
}) => {
  const { columns, selected } = scene, column = columns[selected?.column ?? 0]!
  return (
    <fieldset class="selection">
      <legend>Look at</legend>
      <label>
        layer
        <select
          value={selected?.column ?? ""}
          onChange={({ currentTarget: { value } }) =>
            onSelect(value === "" ? undefined : { column: Number(value), place: 0 })}
        >
          <option value="">none</option>
          {columns.map((column, c) => <option key={c} value={c}>{nameOf(column)}</option>)}
        </select>
      </label>
      <label>
        {column.kind === "maps" ? "map" : "unit"}
        <select
          disabled={selected === undefined}
          value={selected?.place ?? 0}
          onChange={({ currentTarget: { value } }) =>
            selected && onSelect({ column: selected.column, place: Number(value) })}
        >
          {column.shown.map((unit, place) => <option key={unit} value={place}>{unit}</option>)}
        </select>
      </label>
    </fieldset>
  )
}

/** A column with its size, and with what it takes where that is not what stands before it. */
const inWords = (columns: Scene["columns"], column: Scene["columns"][number], c: number): string => {
  const { size, takes } = column, isChained = c === 0 ? takes.length === 0 : takes.join() === String(c - 1)
  const sources = takes.map((source) => nameOf(columns[source]!)).join(" and ")
  return `${nameOf(column)} ${size}${isChained || sources === "" ? "" : ` from ${sources}`}`
}

/** What the worker knows of the network for an input, as `of` makes stages of it. */
export const askForStages = async (
  input: NdArray.HostTree,
  of: (
    outputs: ReadonlyArray<readonly [path: string, y: NdArray.HostTree]>,
    weights: { readonly [path: string]: NdArray.NdArray }
  ) => ReadonlyArray<Stage>
): Promise<ReadonlyArray<Stage>> => {
  const [weights, outputs] = await Promise.all([
    ask((client) => client.weights()),
    ask((client) => client.activations(input))
  ])
  return of(outputs, weights)
}

/** The network that is being trained, layer by layer from left to right, with what it makes of one example. */
export const NetworkView = ({ buttons, example, stages }: {
  /** What the example is. */
  readonly example: string
  /** What changes it. */
  readonly buttons: ComponentChildren
  readonly stages: () => Promise<ReadonlyArray<Stage>> | undefined
}) => {
  const classes = useStore(session, ({ about }) => about?.classes ?? none)
  const theme = useTheme(), options = useStore(settings, (value) => value)
  const [selected, setSelected] = useState<Scene["selected"]>()
  const camera = useRef<Camera | null>(null)
  const polled = usePolled(stages, EVERY, example)

  const columns = useMemo(() => polled && columnsOf(polled, MOST), [polled])
  const layers = columns?.length ?? 0, { layerSpacing, neuronSpacing } = options
  const spacing = useMemo(() => ({ layerSpacing, neuronSpacing }), [layerSpacing, neuronSpacing])
  const edges = useMemo(() => columns && edgesOf(columns, options.edges), [columns, options.edges])
  const colors = useMemo(
    () => Array.from({ length: layers }, (_, c) => options.randomColors ? randomColor(c) : parse(options.layerColor)),
    [layers, options.randomColors, options.layerColor]
  )
  const scene = useMemo((): Scene | undefined => {
    if (columns === undefined || edges === undefined) return undefined
    return {
      columns,
      edges,
      colors,
      selected,
      theme,
      spacing,
      classes
    }
  }, [columns, edges, theme, selected, spacing, colors, classes])

  const count = edges?.reduce((sum, { weights }) => sum + weights.length, 0) ?? 0
  return (
    <section aria-labelledby="network-title">
      <div class="toolbar">
        <h2 id="network-title">Network</h2>
        <span class="muted">{example}</span>
        {buttons}
        <span class="buttons" role="group" aria-label="Zoom">
          <button type="button" aria-label="Zoom in" onClick={() => camera.current?.zoomBy(1.4)}>+</button>
          <button type="button" aria-label="Zoom out" onClick={() => camera.current?.zoomBy(1 / 1.4)}>−</button>
          <button type="button" onClick={() => camera.current?.fit()}>Fit</button>
        </span>
      </div>
      <NetworkOptions />
      {scene === undefined
        ? (
          <div class="card">
            <WhyNot />
          </div>
        )
        : (
          <div class="network-layout">
            <div class="card flush">
              <NetworkCanvas
                scene={scene}
                camera={camera}
                onSelect={setSelected}
                label={`${scene.columns.length} layers: ${
                  scene.columns.map((column, c) => inWords(scene.columns, column, c)).join(", ")
                }. Arrows move, plus and minus zoom, 0 shows all.`}
              />
            </div>
            <aside class="card" aria-label="Numbers">
              <Selection scene={scene} onSelect={setSelected} />
              {selected === undefined
                ? <p class="muted">Click a unit or a map for its numbers, or choose a layer above.</p>
                : <Details columns={scene.columns} selected={selected} />}
            </aside>
          </div>
        )}
      <p class="muted hint">
        Shade: activation, scaled within its layer. Lines: the {count} strongest weights,{" "}
        <span class="key positive">positive</span> and{" "}
        <span class="key negative">negative</span>. Drag to move, scroll to zoom; by touch, two fingers do both;
        focused, the picture moves by arrows, zooms by + and −, and 0 shows all of it.
      </p>
    </section>
  )
}
