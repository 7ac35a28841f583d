import { about } from "../state/server.ts"
import { start } from "../state/session.ts"
import { settings } from "../state/settings.ts"
import { useStore } from "../state/store.ts"
import { backends, datasets, models, optimizers, schedules } from "../training/definition.ts"
import type { Choice } from "../training/definition.ts"
import { Choose, NumberField } from "./Fields.tsx"

const threadsOf = (name: string): number => Number(/\d/.exec(name)?.[0] ?? 1)

const most = globalThis.crossOriginIsolated ? navigator.hardwareConcurrency : 1

/** What the next run is going to be; starting it leaves the earlier ones in the charts. */
export const Controls = () => {
  const choice = useStore(settings, (value) => value.choice), backend = useStore(settings, (value) => value.backend)
  const { mnist } = useStore(about, (value) => value)
  const set = (change: Partial<Choice>) => settings.set({ choice: { ...choice, ...change } })
  const onSubmit = (event: Event) => {
    event.preventDefault()
    void start(settings.get().choice)
  }
  return (
    <form class="controls card" aria-label="The next run" onSubmit={onSubmit}>
      <h2>New run</h2>
      <div class="fields">
        <Choose
          label="Data set"
          options={datasets}
          disabled={mnist ? [] : ["mnist"]}
          value={choice.dataset}
          onChange={(dataset) => set({ dataset })}
        />
        <NumberField
          label="Training examples"
          value={choice.examples}
          min={100}
          max={60_000}
          step={1}
          onChange={(examples) => set({ examples })}
        />
        <Choose label="Model" options={models} value={choice.model} onChange={(model) => set({ model })} />
        <Choose
          label="Optimizer"
          options={optimizers}
          value={choice.optimizer}
          onChange={(optimizer) => set({ optimizer })}
        />
        <NumberField
          label="Learning rate"
          value={choice.learningRate}
          min={0}
          step="any"
          onChange={(learningRate) => set({ learningRate })}
        />
        <Choose
          label="Schedule"
          options={schedules}
          value={choice.schedule}
          onChange={(schedule) => set({ schedule })}
        />
        <NumberField
          label="Batch size"
          value={choice.batchSize}
          min={1}
          max={1024}
          step={1}
          onChange={(batchSize) => set({ batchSize })}
        />
        <NumberField
          label="Epochs"
          value={choice.epochs}
          min={1}
          max={1000}
          step={1}
          onChange={(epochs) => set({ epochs })}
        />
        <NumberField label="Seed" value={choice.seed} min={0} step={1} onChange={(seed) => set({ seed })} />
        <Choose
          label="Backend"
          options={backends}
          disabled={backends.filter((name) => threadsOf(name) > most || name === "webgpu" && !("gpu" in navigator))}
          value={backend}
          onChange={(backend) => settings.set({ backend })}
        />
      </div>
      <button type="submit" class="primary wide">Start a new run</button>
    </form>
  )
}
