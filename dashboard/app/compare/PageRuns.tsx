import { useEffect, useState } from "preact/hooks"
import { format, words } from "../charts/palette.ts"
import { once } from "../controls/once.ts"
import { Scroll } from "../Scroll.tsx"
import { describeRun, forget, fork, open } from "../state/commands.ts"
import { atRest, canBegin } from "../state/life.ts"
import { onChange, runs, stepOf, updateRun } from "../state/runs.ts"
import type { Run } from "../state/runs.ts"
import { lastOf } from "../state/series.ts"
import { session } from "../state/session.ts"
import { storage } from "../state/storage.ts"
import { useStore } from "../state/store.ts"
import { RunName } from "./RunName.tsx"
import { useElsewhere } from "./useElsewhere.ts"

/** What was last measured on test examples. */
const tested = ({ test }: Run): string =>
  Object.keys(test.values).map((name) => `${words(name)} ${format(lastOf(test, name))}`).join(", ") || "–"

const bytes = (n: number): string =>
  n < 1e6 ? `${Math.round(n / 1e3)} kB` : n < 1e9 ? `${(n / 1e6).toFixed(1)} MB` : `${(n / 1e9).toFixed(1)} GB`

/** How much room runs take, and how much there is. */
const Room = () => {
  const { quota, usage } = useStore(storage, (value) => value)
  return usage === undefined || quota === undefined
    ? null
    : (
      <p class="muted" data-testid="room">
        Runs take {bytes(usage)} of the {bytes(quota)} that the browser has for this page.
      </p>
    )
}

/** Whether those who are marked are to be forgotten: asked once for all of them. */
const Question = ({ count, onForget, onKeep }: {
  readonly count: number
  readonly onForget: () => void
  readonly onKeep: () => void
}) => (
  <div class="question" role="group" aria-label="Forget runs">
    <span role="status">
      {count === 0
        ? ""
        : `Forget ${count === 1 ? "one run" : `${count} runs`}, with ${count === 1 ? "its" : "their"} weights?`}
    </span>
    {count === 0 ? null : (
      <>
        <button type="button" class="danger" onClick={onForget}>Forget</button>
        <button type="button" onClick={onKeep}>Keep</button>
      </>
    )}
  </div>
)

const Row = ({ isCurrent, isElsewhere, isMarked, mark, run }: {
  readonly run: Run
  readonly isCurrent: boolean
  readonly isElsewhere: boolean
  readonly isMarked: boolean
  readonly mark: (isMarked: boolean) => void
}) => {
  const [isEdited, setEdited] = useState(false), isFree = useStore(session, canBegin)
  const state = isCurrent ? run.phase : isElsewhere ? "in another tab" : atRest(run.phase)
  const isMine = !isCurrent && !isElsewhere
  return (
    <tr class={isMarked ? "marked" : ""}>
      <th scope="row">
        <RunName
          run={run}
          isEdited={isEdited}
          onDone={(change) => {
            setEdited(false)
            if (change !== undefined) void describeRun(run.id, change)
          }}
        />
      </th>
      <td data-what="in the charts">
        <input
          type="checkbox"
          aria-label={`${run.name} in the charts`}
          checked={run.visible}
          onChange={(event) => updateRun(run.id, { visible: event.currentTarget.checked })}
        />
      </td>
      <td data-what="state">{isCurrent ? <strong>{state}</strong> : state}</td>
      <td data-what="steps">{stepOf(run).toLocaleString("en-US")}</td>
      <td data-what="on test examples">{tested(run)}</td>
      <td>
        <div class="actions">
          {isMine
            ? (
              <button
                type="button"
                aria-label={`Open ${run.name}`}
                title="Go on with it here, from its last checkpoint"
                disabled={!isFree || isMarked || run.choice === undefined}
                onClick={once(() => open(run.id))}
              >
                Open
              </button>
            )
            : null}
          <button
            type="button"
            aria-label={`Fork ${run.name}`}
            title="Begin a new run with its last checkpoint"
            disabled={!isFree || isMarked || run.choice === undefined}
            onClick={once(() => fork(run.id))}
          >
            Fork
          </button>
          {isElsewhere ? null : (
            <button
              type="button"
              aria-label={`Rename ${run.name}`}
              title="Another name, or a note"
              disabled={isEdited || isMarked}
              onClick={() => setEdited(true)}
            >
              Rename
            </button>
          )}
          {isMine
            ? (
              <button
                type="button"
                aria-label={`${isMarked ? "Keep" : "Forget"} ${run.name}`}
                onClick={() => mark(!isMarked)}
              >
                {isMarked ? "Keep" : "Forget"}
              </button>
            )
            : null}
        </div>
      </td>
    </tr>
  )
}

/** The runs of this browser: each can be opened, forked, renamed and forgotten, but what another tab has. */
export const PageRuns = () => {
  const all = useStore(runs, (value) => value.all), current = useStore(runs, (value) => value.current)
  const [marks, setMarks] = useState<ReadonlyArray<string>>([])
  const [, draw] = useState({}), elsewhere = useElsewhere()
  useEffect(() => onChange(() => draw({})), [])
  const shown = all.filter(({ kind }) => kind === "page")
  const marked = marks.filter((id) => id !== current && !elsewhere.has(id) && shown.some((run) => run.id === id))
  return (
    <div class="card page-runs">
      <h3>In this browser</h3>
      <Room />
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
                <span class="hidden">what can be done</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {shown.map((run) => (
              <Row
                key={run.id}
                run={run}
                isCurrent={run.id === current}
                isElsewhere={elsewhere.has(run.id)}
                isMarked={marked.includes(run.id)}
                mark={(isMarked) => setMarks(marked.filter((id) => id !== run.id).concat(isMarked ? run.id : []))}
              />
            ))}
          </tbody>
        </table>
      </Scroll>
      <Question
        count={marked.length}
        onKeep={() => setMarks([])}
        onForget={() => {
          // The button goes with its question.
          document.querySelector<HTMLElement>(".page-runs .scroll")?.focus()
          setMarks([])
          void forget(marked)
        }}
      />
    </div>
  )
}
