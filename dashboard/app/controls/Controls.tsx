import { start } from "../state/commands.ts"
import { canBegin } from "../state/life.ts"
import { about } from "../state/server.ts"
import { session } from "../state/session.ts"
import { chosen, settings } from "../state/settings.ts"
import { persist } from "../state/storage.ts"
import { useStore } from "../state/store.ts"
import { backends } from "../training/definition.ts"
import type { Choice, Offered } from "../training/definition.ts"
import { asOfPage, offer, offered } from "../training/offer.ts"
import { ConfigField } from "./ConfigField.tsx"
import { Choose } from "./Fields.tsx"
import { PastedText } from "./PastedText.tsx"

const threadsOf = (name: string): number => Number(/\d/.exec(name)?.[0] ?? 1)

const most = globalThis.crossOriginIsolated ? navigator.hardwareConcurrency : 1

const MNIST = "mnist"

/** Of the library's experiments, what takes files that this machine does not have. */
const useMissing = (): (of: Offered) => ReadonlyArray<string> => {
  const { mnist } = useStore(about, (value) => value)
  return ({ file }) => mnist || file !== undefined ? [] : [MNIST]
}

const Fields = ({ choice: { config, experiment } }: { readonly choice: Choice }) => {
  const { configs } = useStore(settings, (value) => value), missing = useMissing(), found = offered(experiment)!
  const set = (name: string, value: unknown) => {
    const { [name]: _, ...others } = config
    settings.set({ configs: { ...configs, [experiment]: value === undefined ? others : { ...others, [name]: value } } })
  }
  return (
    <>
      {found.description === undefined ? null : <p class="muted description">{found.description}.</p>}
      {found.fields.map((field) => asOfPage(field, found)).map(({ isText = false, ...field }) =>
        isText
          ? (
            <PastedText
              key={`${experiment} ${field.name}`}
              name={config[field.name]}
              onChange={(name) => set(field.name, name)}
            />
          )
          : (
            <ConfigField
              key={`${experiment} ${field.name}`}
              field={field}
              disabled={missing(found)}
              value={config[field.name]}
              onChange={(value) => set(field.name, value)}
            />
          )
      )}
    </>
  )
}

/** What is wrong with the files that the page was opened with. */
const Problems = () => {
  const found = useStore(offer, ({ problems }) => problems), bundle = useStore(about, ({ problem }) => problem)
  return (
    <>
      {[...bundle === undefined ? [] : [bundle], ...found].map((problem) => (
        <p key={problem} class="error bundle" role="alert">{problem}</p>
      ))}
    </>
  )
}

/** What the next run is going to be; starting it leaves the earlier ones in the charts. */
export const Controls = () => {
  const { backend } = useStore(settings, (value) => value), { experiments } = useStore(offer, (value) => value)
  const isFree = useStore(session, canBegin), missing = useMissing(), choice = chosen()
  const onSubmit = (event: Event) => {
    event.preventDefault()
    persist()
    start(chosen())
  }
  return (
    <form class="controls card" aria-label="The next run" onSubmit={onSubmit}>
      <h2>New run</h2>
      <Problems />
      <div class="fields">
        {choice === undefined
          ? <p class="muted">What can be trained is being loaded…</p>
          : (
            <>
              <Choose
                label="Experiment"
                options={experiments.map(({ name }) => name)}
                disabled={experiments.filter((of) => missing(of).includes(of.name)).map(({ name }) => name)}
                value={choice.experiment}
                onChange={(experiment) => settings.set({ experiment })}
              />
              <Fields choice={choice} />
            </>
          )}
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
        disabled={!isFree || choice === undefined}
        onClick={(event) => event.detail > 1 && event.preventDefault()}
      >
        Start a new run
      </button>
    </form>
  )
}
