import { byLoss, losses } from "../../../src/cli/gan/config.ts"
import { about } from "../state/server.ts"
import { start } from "../state/session.ts"
import { chosen, settings } from "../state/settings.ts"
import { useStore } from "../state/store.ts"
import { backends, datasets, generators, models, optimizers, schedules, tasks } from "../training/definition.ts"
import type { Choice, Classifier, Generator } from "../training/definition.ts"
import { Choose, NumberField } from "./Fields.tsx"

const threadsOf = (name: string): number => Number(/\d/.exec(name)?.[0] ?? 1)

const most = globalThis.crossOriginIsolated ? navigator.hardwareConcurrency : 1

interface FieldsOf<C> {
  readonly choice: C
  readonly set: (change: Partial<C>) => void
}

const DataFields = ({ choice: { dataset, examples }, set }: FieldsOf<Pick<Choice, "dataset" | "examples">>) => {
  const { mnist } = useStore(about, (value) => value)
  return (
    <>
      <Choose
        label="Data set"
        options={datasets}
        disabled={mnist ? [] : ["mnist"]}
        value={dataset}
        onChange={(dataset) => set({ dataset })}
      />
      <NumberField
        label="Training examples"
        value={examples}
        min={100}
        max={60_000}
        step={1}
        onChange={(examples) => set({ examples })}
      />
    </>
  )
}

const RateField = ({ choice: { learningRate }, set }: FieldsOf<Pick<Choice, "learningRate">>) => (
  <NumberField
    label="Learning rate"
    value={learningRate}
    min={0}
    step="any"
    onChange={(learningRate) => set({ learningRate })}
  />
)

const ClassifierFields = ({ choice, set }: FieldsOf<Classifier>) => (
  <>
    <Choose label="Model" options={models} value={choice.model} onChange={(model) => set({ model })} />
    <Choose
      label="Optimizer"
      options={optimizers}
      value={choice.optimizer}
      onChange={(optimizer) => set({ optimizer })}
    />
    <RateField choice={choice} set={set} />
    <Choose label="Schedule" options={schedules} value={choice.schedule} onChange={(schedule) => set({ schedule })} />
  </>
)

const GeneratorFields = ({ choice, set }: FieldsOf<Generator>) => (
  <>
    <Choose label="Networks" options={generators} value={choice.model} onChange={(model) => set({ model })} />
    <Choose
      label="Loss"
      options={losses}
      value={choice.loss}
      onChange={(loss) => set({ loss, learningRate: byLoss[loss].generatorLearningRate })}
    />
    <RateField choice={choice} set={set} />
  </>
)

const LoopFields = ({ choice: { batchSize, epochs, seed }, set }: FieldsOf<
  Pick<Choice, "batchSize" | "epochs" | "seed">
>) => (
  <>
    <NumberField
      label="Batch size"
      value={batchSize}
      min={1}
      max={1024}
      step={1}
      onChange={(batchSize) => set({ batchSize })}
    />
    <NumberField label="Epochs" value={epochs} min={1} max={1000} step={1} onChange={(epochs) => set({ epochs })} />
    <NumberField label="Seed" value={seed} min={0} step={1} onChange={(seed) => set({ seed })} />
  </>
)

/** What the next run is going to be; starting it leaves the earlier ones in the charts. */
export const Controls = () => {
  const { backend, choices, task } = useStore(settings, (value) => value), { classifier, generator } = choices
  const set = <C extends Partial<Classifier> | Partial<Generator>>(change: C) =>
    settings.set({ choices: { ...choices, [task]: { ...choices[task], ...change } } })
  const onSubmit = (event: Event) => {
    event.preventDefault()
    void start(chosen())
  }
  return (
    <form class="controls card" aria-label="The next run" onSubmit={onSubmit}>
      <h2>New run</h2>
      <div class="fields">
        <Choose label="Train a" options={tasks} value={task} onChange={(task) => settings.set({ task })} />
        <DataFields choice={choices[task]} set={set} />
        {task === "classifier"
          ? <ClassifierFields choice={classifier} set={set} />
          : <GeneratorFields choice={generator} set={set} />}
        <LoopFields choice={choices[task]} set={set} />
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
