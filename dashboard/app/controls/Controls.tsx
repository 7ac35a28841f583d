import { byLoss, losses } from "../../../src/cli/gan/config.ts"
import { start } from "../state/commands.ts"
import { canBegin } from "../state/life.ts"
import { about } from "../state/server.ts"
import { session } from "../state/session.ts"
import { chosen, settings } from "../state/settings.ts"
import { persist } from "../state/storage.ts"
import { useStore } from "../state/store.ts"
import { backends, datasets, generators, limits, models, optimizers, schedules, tasks } from "../training/definition.ts"
import type { Choice, Classifier, Generator } from "../training/definition.ts"
import { Choose } from "./Fields.tsx"
import { NumberField } from "./NumberField.tsx"

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
        min={limits.examples[0]}
        max={limits.examples[1]}
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
      min={limits.batchSize[0]}
      max={limits.batchSize[1]}
      step={1}
      onChange={(batchSize) => set({ batchSize })}
    />
    <NumberField
      label="Epochs"
      value={epochs}
      min={limits.epochs[0]}
      max={limits.epochs[1]}
      step={1}
      onChange={(epochs) => set({ epochs })}
    />
    <NumberField
      label="Seed"
      value={seed}
      min={limits.seed[0]}
      max={limits.seed[1]}
      step={1}
      onChange={(seed) => set({ seed })}
    />
  </>
)

/** What the next run is going to be; starting it leaves the earlier ones in the charts. */
export const Controls = () => {
  const { backend, choices, task } = useStore(settings, (value) => value), { classifier, generator } = choices
  const isFree = useStore(session, canBegin)
  const set = <C extends Partial<Classifier> | Partial<Generator>>(change: C) =>
    settings.set({ choices: { ...choices, [task]: { ...choices[task], ...change } } })
  const onSubmit = (event: Event) => {
    event.preventDefault()
    persist()
    start(chosen())
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
      <button
        type="submit"
        class="primary wide"
        disabled={!isFree}
        onClick={(event) => event.detail > 1 && event.preventDefault()}
      >
        Start a new run
      </button>
    </form>
  )
}
