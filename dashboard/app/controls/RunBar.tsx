import { Effect } from "effect"
import { download } from "effect-neuron/browser"
import { useEffect, useState } from "preact/hooks"
import { format } from "../charts/palette.ts"
import { currentRun, onChange, runs, stepOf } from "../state/runs.ts"
import type { Run } from "../state/runs.ts"
import { lastOf } from "../state/series.ts"
import { ask, pause, resume, session, setLearningRate, step, stop } from "../state/session.ts"
import { useStore } from "../state/store.ts"

const percent = (value: number | undefined): string => value === undefined ? "–" : `${(100 * value).toFixed(1)} %`

const exportWeights = async (): Promise<void> => {
  const run = currentRun()
  const bytes = await ask((client) => client.checkpoint)
  const name = `${run?.choice?.dataset ?? "model"}-step-${run === undefined ? 0 : stepOf(run)}.safetensors`
  await Effect.runPromise(download(name, bytes))
}

/** The learning rate of the run, which can be changed while it trains. */
const LiveRate = ({ rate }: { readonly rate: number | undefined }) => {
  const [text, setText] = useState<string>()
  const value = Number(text)
  const onSubmit = (event: Event) => {
    event.preventDefault()
    if (text !== undefined && value > 0) void setLearningRate(value)
    setText(undefined)
  }
  return (
    <form class="live" onSubmit={onSubmit}>
      <label>
        learning rate
        <input
          inputMode="decimal"
          size={8}
          value={text ?? format(rate)}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={text === undefined || !(value > 0)}>Set</button>
    </form>
  )
}

const figuresOf = (run: Run): ReadonlyArray<readonly [name: string, value: string]> => [
  ["step", stepOf(run).toLocaleString("en-US")],
  ...(run.choice?.task === "generator" ?
    [
      ["generator loss", format(lastOf(run.train, "generatorLoss"))],
      ["critic loss", format(lastOf(run.train, "criticLoss"))],
      ["distance from real images", format(lastOf(run.test, "slicedWasserstein"))]
    ] as const :
    [
      ["loss", format(lastOf(run.train, "loss"))],
      ["validation loss", format(lastOf(run.test, "loss"))],
      ["validation accuracy", percent(lastOf(run.test, "accuracy"))]
    ] as const),
  ["examples/s", format(lastOf(run.train, "examplesPerSecond"))]
]

/** What the page trains: how it stands, and what steers it. */
export const RunBar = () => {
  const phase = useStore(session, (value) => value.phase), error = useStore(session, (value) => value.error)
  const announcement = useStore(session, (value) => value.announcement)
  const current = useStore(runs, (value) => value.current)
  const [, draw] = useState({})
  useEffect(() => onChange(() => draw({})), [])
  const run = currentRun()
  const isOpen = phase === "running" || phase === "paused"
  const figures = run === undefined ? [] : figuresOf(run)
  return (
    <section class="runbar card" aria-label="The run in this page" key={current}>
      <div class="row">
        <span class={`phase ${phase}`} data-testid="phase">{phase}</span>
        <strong class="name">{run?.name ?? "no run"}</strong>
        <div class="buttons">
          {phase === "running"
            ? <button type="button" onClick={() => void pause()}>Pause</button>
            : (
              <button
                type="button"
                class="primary"
                disabled={phase !== "paused" && phase !== "failed"}
                onClick={() => void resume()}
              >
                Continue
              </button>
            )}
          <button type="button" disabled={!isOpen} onClick={() => void step()}>Step</button>
          <button type="button" disabled={!isOpen} onClick={() => void stop()}>Stop</button>
          <button
            type="button"
            disabled={!isOpen && phase !== "finished"}
            title="The whole training state as a safetensors file"
            onClick={() => void exportWeights()}
          >
            Export weights
          </button>
        </div>
      </div>
      <div class="row">
        <dl class="figures">
          {figures.map(([name, value]) => (
            <div key={name}>
              <dt>{name}</dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
        {isOpen && run !== undefined ? <LiveRate rate={lastOf(run.train, "learningRate")} /> : null}
      </div>
      {error === undefined ? null : <p class="error" role="alert">{error}</p>}
      <p class="hidden" role="status">{announcement}</p>
    </section>
  )
}
