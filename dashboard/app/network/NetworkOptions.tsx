import { settings } from "../state/settings.ts"
import type { Settings } from "../state/settings.ts"
import { useStore } from "../state/store.ts"

type Length = "neuronSpacing" | "layerSpacing" | "edges"

const lengths: ReadonlyArray<readonly [key: Length, label: string, min: number, max: number, step: number]> = [
  ["neuronSpacing", "neuron spacing", 12, 80, 1],
  ["layerSpacing", "layer spacing", 120, 600, 10],
  ["edges", "weights", 0, 2000, 100]
]

/** How the picture looks: colors, distances, and how many of the weights are drawn. */
export const NetworkOptions = () => {
  const options = useStore(settings, (value) => value)
  const set = (change: Partial<Settings>) => settings.set(change)
  return (
    <div class="toolbar options">
      <label>
        layer color
        <input
          type="color"
          value={options.layerColor}
          disabled={options.randomColors}
          onInput={(event) => set({ layerColor: event.currentTarget.value })}
        />
      </label>
      <label>
        <input
          type="checkbox"
          checked={options.randomColors}
          onChange={(event) => set({ randomColors: event.currentTarget.checked })}
        />{" "}
        a color for each layer
      </label>
      {lengths.map(([key, label, min, max, step]) => (
        <label key={key}>
          {label}
          <input
            type="range"
            min={min}
            max={max}
            step={step}
            value={options[key]}
            onInput={(event) => set({ [key]: event.currentTarget.valueAsNumber })}
          />
        </label>
      ))}
    </div>
  )
}
