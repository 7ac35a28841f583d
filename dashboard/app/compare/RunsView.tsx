import { useEffect, useState } from "preact/hooks"
import type { RunFolder } from "../../runFolders.ts"
import { format } from "../charts/palette.ts"
import { Scroll } from "../Scroll.tsx"
import { runs } from "../state/runs.ts"
import { about, askAbout, listFolders } from "../state/server.ts"
import { useStore } from "../state/store.ts"
import { closeFolder, idOf, openFolder, phaseOf } from "./openFolder.ts"
import { PageRuns } from "./PageRuns.tsx"
import { Samples } from "./Samples.tsx"

/** What the server last said about run folders, and whether it still answers. */
interface Folders {
  readonly folders: ReadonlyArray<RunFolder> | undefined
  readonly isAnswering: boolean
}

const useFolders = (): Folders => {
  const [found, setFound] = useState<Folders>({ folders: undefined, isAnswering: true })
  useEffect(() => {
    let over = false
    const ask = async () => {
      try {
        const folders = await listFolders()
        if (about.get().runs === "") await askAbout()
        if (!over) setFound({ folders, isAnswering: true })
      } catch {
        if (!over) setFound(({ folders }) => ({ folders, isAnswering: false }))
      }
    }
    void ask()
    const timer = setInterval(ask, 2000)
    return () => {
      over = true
      clearInterval(timer)
    }
  }, [])
  return found
}

const accuracyOf = ({ run }: RunFolder): number | undefined => {
  const accuracy = run?.results?.["test"]?.["accuracy"]
  return typeof accuracy === "number" ? accuracy : undefined
}

const whatOf = ({ problem, run }: RunFolder): string => {
  if (run === undefined) return problem ?? "–"
  const { batchSize, dataset, learningRate, model } = run.config
  const rate = learningRate === undefined ? "" : `, ${learningRate}`
  return model === undefined ? run.experiment : `${model} on ${dataset}${rate}, batches of ${batchSize}`
}

/** All runs: those of this browser, and the run folders on the machine of the server. */
export const RunsView = () => {
  const { folders = [], isAnswering } = useFolders(), root = useStore(about, (value) => value.runs)
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
          <p class="error" role="status">
            {isAnswering
              ? ""
              : "The server of the dashboard does not answer: what is listed here may have changed. Start it again by npm run dashboard; what trains in this page goes on."}
          </p>
          {folders.length === 0
            ? isAnswering ? <p>There is none yet.</p> : null
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
                    {folders.map((folder) => {
                      const { hasWeights, name, run } = folder
                      return (
                        <tr key={name}>
                          <th scope="row">{run?.name ?? name}</th>
                          <td>
                            <input
                              type="checkbox"
                              aria-label={`${name} in the charts`}
                              checked={opened.split("\n").includes(idOf(name))}
                              onChange={(event) => event.currentTarget.checked ? openFolder(name) : closeFolder(name)}
                            />
                          </td>
                          <td>{phaseOf(folder)}</td>
                          <td>{whatOf(folder)}</td>
                          <td>{format(accuracyOf(folder))}</td>
                          <td>
                            {hasWeights
                              ? <a href={`api/runs/${encodeURIComponent(name)}/model.safetensors`} download>download</a>
                              : "–"}
                          </td>
                        </tr>
                      )
                    })}
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
