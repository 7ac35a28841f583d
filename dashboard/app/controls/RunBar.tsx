import { Effect } from "effect"
import { download } from "effect-neuron/browser"
import { useEffect, useState } from "preact/hooks"
import { messageOf } from "../../../src/core/messageOf.ts"
import { count } from "../../../src/experiment/report/numbers.ts"
import { courseOf, figuresOf } from "../charts/figures.ts"
import { pause, resume, step, stop } from "../state/commands.ts"
import { can } from "../state/life.ts"
import { currentRun, onChange, runs, stepOf } from "../state/runs.ts"
import type { Run } from "../state/runs.ts"
import { lastOf } from "../state/series.ts"
import { ask, dispatch, session } from "../state/session.ts"
import { storage } from "../state/storage.ts"
import { useStore } from "../state/store.ts"
import { LiveRate } from "./LiveRate.tsx"

const exportWeights = async (): Promise<void> => {
  const run = currentRun()
  try {
    const bytes = await ask((client) => client.checkpoint)
    const name = `${run?.choice?.experiment ?? "model"}-step-${run === undefined ? 0 : stepOf(run)}.safetensors`
    await Effect.runPromise(download(name, bytes))
  } catch (cause) {
    dispatch({ type: "refused", message: messageOf(cause) })
  }
}

/** What computes a run, with its threads. */
const backendOf = ({ backend }: Run): string => backend === "wasm" ? "wasm, 1 thread" : backend ?? ""

/** What went wrong, with the run or with keeping it; a run that trains goes on. */
const Problems = () => {
  const { message, phase, reason } = useStore(session, (value) => value)
  const { course, database, weights } = useStore(storage, (value) => value)
  const all = [phase === "failed" ? reason : undefined, message, database ?? weights ?? course]
  return (
    <>
      {all.map((text, i) => text === undefined ? null : <p key={i} class="error" role="alert">{text}</p>)}
    </>
  )
}

/** What the page trains: how it stands, and what steers it. */
export const RunBar = () => {
  const life = useStore(session, (value) => value), { about, announcement, isLoaded, kept, phase } = life
  useStore(runs, (value) => value)
  const [, draw] = useState({})
  useEffect(() => onChange(() => draw({})), [])
  const run = currentRun()
  const figures = run === undefined
    ? []
    : [...courseOf(run, about, phase === "running" || phase === "paused"), ...figuresOf(run)]
  return (
    <section class="runbar card" aria-label="The run in this page" key={life.run}>
      <div class="row">
        <span class={`phase ${phase}`} data-testid="phase">{phase}</span>
        <div class="title">
          <strong class="name">{run?.name ?? "no run"}</strong>
          {run === undefined ? null : (
            <p class="muted">
              {[backendOf(run), kept === undefined ? "" : `kept at step ${count(kept)}`, run.note]
                .filter((text) => text !== "").join(" · ")}
            </p>
          )}
        </div>
        <div class="buttons">
          {phase === "running"
            ? <button type="button" onClick={() => pause()}>Pause</button>
            : (
              <button type="button" class="primary" disabled={!can(life, "resume")} onClick={() => resume()}>
                Continue
              </button>
            )}
          <button type="button" disabled={!can(life, "step")} onClick={() => step()}>Step</button>
          <button type="button" disabled={!can(life, "stop")} onClick={() => stop()}>Stop</button>
          <button
            type="button"
            disabled={!isLoaded}
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
        {can(life, "setRate") && run !== undefined ? <LiveRate rate={lastOf(run.train, "learningRate")} /> : null}
      </div>
      <Problems />
      <p class="hidden" role="status">{announcement}</p>
    </section>
  )
}
