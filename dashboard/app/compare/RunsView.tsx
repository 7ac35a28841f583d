import { useEffect, useState } from "preact/hooks"
import { forget } from "../state/commands.ts"
import { onChange, runs } from "../state/runs.ts"
import { about } from "../state/server.ts"
import { settings } from "../state/settings.ts"
import { useStore } from "../state/store.ts"
import { ColumnChoice, isChosen } from "./ColumnChoice.tsx"
import { columnsOf, differs, sorted } from "./columns.ts"
import { matching } from "./filter.ts"
import type { Condition } from "./filter.ts"
import { Filter } from "./Filter.tsx"
import { Forgetting } from "./Forgetting.tsx"
import { useListing } from "./listing.ts"
import { Room } from "./Room.tsx"
import { idOf, rowOfFolder, rowOfRun } from "./rows.ts"
import { RunsTable, SortChoice } from "./RunsTable.tsx"
import { Samples } from "./Samples.tsx"
import { useElsewhere } from "./useElsewhere.ts"

// A row that moves with every step could not be clicked.
const EVERY = 500

/** Draws what shows it again as runs grow, twice a second. */
const useGrowth = (): void => {
  const [, draw] = useState({})
  useEffect(() => {
    let timer: ReturnType<typeof setTimeout> | undefined
    const stop = onChange(() => {
      timer ??= setTimeout(() => {
        timer = undefined
        draw({})
      }, EVERY)
    })
    return () => {
      stop()
      clearTimeout(timer)
    }
  }, [])
}

const SILENT =
  "The server of the dashboard does not answer: what is listed here of its machine may have changed. Start it again; " +
  "what trains in this page goes on."

/** All runs: those of this browser, and the run folders on the machine of the server. */
export const RunsView = () => {
  const { folders, isAnswering } = useListing(), root = useStore(about, (value) => value.runs)
  const all = useStore(runs, (value) => value.all), current = useStore(runs, (value) => value.current)
  const { onlyDifferences, runsBy, runsColumns, runsDescending } = useStore(settings, (value) => value)
  const [words, setWords] = useState(""), [conditions, setConditions] = useState<ReadonlyArray<Condition>>([])
  const [marks, setMarks] = useState<ReadonlyArray<string>>([]), elsewhere = useElsewhere()
  useGrowth()

  const pageRuns = all.filter(({ kind }) => kind === "page")
  const rows = [
    ...pageRuns.map((run) =>
      rowOfRun(run, { isCurrent: run.id === current, isElsewhere: run.id !== current && elsewhere.has(run.id) })
    ),
    ...folders.map((folder) => rowOfFolder(folder, all.find(({ id }) => id === idOf(folder.name))?.color))
  ]
  const columns = columnsOf(rows), found = matching(rows, columns, words, conditions)
  const ordered = sorted(found, columns.find(({ id }) => id === runsBy), runsDescending)
  const shown = columns.filter((column) =>
    column.id === "name" ||
    (onlyDifferences
      ? column.group !== "run" && differs(found, column) || column.group === "run" && isChosen(column, runsColumns)
      : isChosen(column, runsColumns))
  )
  const inCharts = new Set(all.filter(({ kind, visible }) => kind === "folder" || visible).map(({ id }) => id))
  const marked = marks.filter((id) => id !== current && !elsewhere.has(id) && pageRuns.some((run) => run.id === id))
  return (
    <section aria-labelledby="runs-title">
      <div class="toolbar">
        <h2 id="runs-title">Runs</h2>
        <span class="muted" role="status" data-testid="count">
          {found.length === rows.length ? `${rows.length}` : `${found.length} of ${rows.length}`} runs
        </span>
      </div>
      <div class="stack">
        <div class="card page-runs">
          <div class="table-bar">
            <Filter
              columns={columns}
              words={words}
              conditions={conditions}
              onWords={setWords}
              onConditions={setConditions}
            />
            <SortChoice columns={columns} />
            <label>
              <input
                type="checkbox"
                checked={onlyDifferences}
                onChange={(event) => settings.set({ onlyDifferences: event.currentTarget.checked })}
              />
              only differences
            </label>
            <ColumnChoice columns={columns} />
          </div>
          <p class="error" role="status">{isAnswering ? "" : SILENT}</p>
          <RunsTable
            rows={ordered}
            columns={shown}
            current={current}
            marked={marked}
            shown={inCharts}
            mark={(id, isMarked) => setMarks(marked.filter((other) => other !== id).concat(isMarked ? id : []))}
          />
          {ordered.length === 0 ? <p>No run is as it was asked for.</p> : null}
          <Forgetting
            count={marked.length}
            onKeep={() => setMarks([])}
            onForget={() => {
              // The button goes with its question.
              document.querySelector<HTMLElement>(".page-runs .scroll")?.focus()
              setMarks([])
              void forget(marked)
            }}
          />
          <Room />
          <p class="muted">
            Those kept in a folder are what the command line has written to{" "}
            <code>{root || "…"}</code>; they are only read here, and followed while they go on.{" "}
            <code>effect-neuron runs rename</code>{" "}
            gives them names and notes. Open begins a run of this browser with their weights.
          </p>
        </div>
        {folders.filter(({ samples }) => samples.length > 0).map(({ name, samples }) => (
          <Samples key={name} folder={name} files={samples} />
        ))}
      </div>
    </section>
  )
}
