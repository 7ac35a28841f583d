import { useEffect, useState } from "preact/hooks"
import type { RunFolder } from "../../runFolders.ts"
import { format, words } from "../charts/palette.ts"
import { Scroll } from "../Scroll.tsx"
import * as database from "../state/database.ts"
import { onChange, removeRun, runs, stepOf, updateRun } from "../state/runs.ts"
import type { Run } from "../state/runs.ts"
import { lastOf } from "../state/series.ts"
import { about, listFolders } from "../state/server.ts"
import { useStore } from "../state/store.ts"
import { closeFolder, idOf, openFolder, phaseOf } from "./openFolder.ts"
import { Samples } from "./Samples.tsx"

const useFolders = (): ReadonlyArray<RunFolder> => {
  const [folders, setFolders] = useState<ReadonlyArray<RunFolder>>([])
  useEffect(() => {
    let over = false
    const ask = () => listFolders().then((found) => over || setFolders(found), () => undefined)
    void ask()
    const timer = setInterval(ask, 2000)
    return () => {
      over = true
      clearInterval(timer)
    }
  }, [])
  return folders
}

const forget = (run: Run): void => {
  removeRun(run.id)
  void database.remove(run.id)
}

/** What was last measured on test examples. */
const tested = ({ test }: Run): string =>
  Object.keys(test.values).map((name) => `${words(name)} ${format(lastOf(test, name))}`).join(", ") || "–"

const PageRuns = () => {
  const all = useStore(runs, (value) => value.all), current = useStore(runs, (value) => value.current)
  const [, draw] = useState({})
  useEffect(() => onChange(() => draw({})), [])
  return (
    <div class="card">
      <h3>In this browser</h3>
      <Scroll label="Runs in this browser">
        <table class="runs">
          <thead>
            <tr>
              <th scope="col">run</th>
              <th scope="col">in the charts</th>
              <th scope="col">state</th>
              <th scope="col">steps</th>
              <th scope="col">on test examples</th>
              <th scope="col">
                <span class="hidden">forget</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {all.filter(({ kind }) => kind === "page").map((run) => (
              <tr key={run.id}>
                <th scope="row">
                  <span class={`swatch run-${run.color}`} aria-hidden="true" /> {run.name}
                </th>
                <td>
                  <input
                    type="checkbox"
                    aria-label={`${run.name} in the charts`}
                    checked={run.visible}
                    onChange={(event) => updateRun(run.id, { visible: event.currentTarget.checked })}
                  />
                </td>
                <td>{run.id === current || run.phase !== "running" ? run.phase : "stopped"}</td>
                <td>{stepOf(run).toLocaleString("en-US")}</td>
                <td>{tested(run)}</td>
                <td>
                  {run.id === current
                    ? null
                    : (
                      <button
                        type="button"
                        aria-label={`Forget ${run.name}`}
                        onClick={(event) => {
                          // The button goes with its row.
                          event.currentTarget.closest<HTMLElement>(".scroll")?.focus()
                          forget(run)
                        }}
                      >
                        Forget
                      </button>
                    )}
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </Scroll>
    </div>
  )
}

const accuracyOf = (summary: unknown): number | undefined =>
  (summary as { readonly test?: { readonly accuracy?: number } } | null)?.test?.accuracy

const configOf = (summary: unknown): string => {
  const { batchSize, dataset, learningRate, model } =
    (summary as { readonly config?: { readonly [name: string]: unknown } } | null)?.config ?? {}
  const rate = learningRate === undefined ? "" : `, ${learningRate}`
  return model === undefined ? "–" : `${model} on ${dataset}${rate}, batches of ${batchSize}`
}

/** All runs: those of this browser, and the run folders on the machine of the server. */
export const RunsView = () => {
  const folders = useFolders(), root = useStore(about, (value) => value.runs)
  const opened = useStore(runs, ({ all }) => all.map(({ id }) => id).join("\n"))
  return (
    <section aria-labelledby="runs-title">
      <div class="toolbar">
        <h2 id="runs-title">Runs</h2>
      </div>
      <div class="stack">
        <PageRuns />
        <div class="card">
          <h3>Run folders</h3>
          <p class="muted">
            What the command line has written to <code>{root || "…"}</code>; a run that is still going is followed.
          </p>
          {folders.length === 0
            ? <p>There is none yet.</p>
            : (
              <Scroll label="Run folders">
                <table class="runs">
                  <thead>
                    <tr>
                      <th scope="col">folder</th>
                      <th scope="col">in the charts</th>
                      <th scope="col">state</th>
                      <th scope="col">what</th>
                      <th scope="col">test accuracy</th>
                      <th scope="col">weights</th>
                    </tr>
                  </thead>
                  <tbody>
                    {folders.map(({ hasWeights, name, summary }) => (
                      <tr key={name}>
                        <th scope="row">{name}</th>
                        <td>
                          <input
                            type="checkbox"
                            aria-label={`${name} in the charts`}
                            checked={opened.split("\n").includes(idOf(name))}
                            onChange={(event) => event.currentTarget.checked ? openFolder(name) : closeFolder(name)}
                          />
                        </td>
                        <td>{phaseOf(summary)}</td>
                        <td>{configOf(summary)}</td>
                        <td>{format(accuracyOf(summary))}</td>
                        <td>
                          {hasWeights
                            ? <a href={`api/runs/${encodeURIComponent(name)}/model.safetensors`} download>download</a>
                            : "–"}
                        </td>
                      </tr>
                    ))}
                  </tbody>
                </table>
              </Scroll>
            )}
        </div>
        {folders.filter(({ samples }) => samples.length > 0).map(({ name, samples }) => (
          <Samples key={name} folder={name} files={samples} />
        ))}
      </div>
    </section>
  )
}
