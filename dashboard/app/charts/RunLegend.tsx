import { runs, updateRun } from "../state/runs.ts"
import { useStore } from "../state/store.ts"
import { Sample } from "./Readout.tsx"
import { styleOf } from "./style.ts"

/** So many runs have their names above the charts, whatever the number of others that can be brought in. */
const MOST = 12

/** The runs with their colors; each can be taken out of the charts. */
export const RunLegend = () => {
  const all = useStore(runs, (value) => value.all), current = useStore(runs, (value) => value.current)
  // Those in the charts first, so that each line there has its name here.
  const listed = new Set([...all.filter((run) => run.visible), ...all.filter((run) => !run.visible)].slice(0, MOST))
  return (
    <fieldset class="legend">
      <legend class="hidden">Runs in the charts</legend>
      {all.filter((run) => listed.has(run)).map((run) => (
        <label key={run.id} class={run.visible ? "" : "muted"}>
          <input
            type="checkbox"
            checked={run.visible}
            onChange={(event) => updateRun(run.id, { visible: event.currentTarget.checked })}
          />
          <Sample color={run.color} dash={styleOf(run, all).training} />
          <span class="of" title={run.name}>{run.name}</span>
          {run.id === current ? <span class="badge">in this page</span> : null}
        </label>
      ))}
      {all.length > MOST ? <a href="#runs">and {all.length - MOST} more</a> : null}
    </fieldset>
  )
}
