import { runs, updateRun } from "../state/runs.ts"
import { useStore } from "../state/store.ts"

/** The runs with their colors; each can be taken out of the charts. */
export const RunLegend = () => {
  const all = useStore(runs, (value) => value.all), current = useStore(runs, (value) => value.current)
  return (
    <fieldset class="legend">
      <legend class="hidden">Runs in the charts</legend>
      {all.slice(0, 8).map(({ color, id, name, visible }) => (
        <label key={id} class={visible ? "" : "muted"}>
          <input
            type="checkbox"
            checked={visible}
            onChange={(event) => updateRun(id, { visible: event.currentTarget.checked })}
          />
          <span class={`swatch run-${color}`} aria-hidden="true" />
          {name}
          {id === current ? <span class="badge">in this page</span> : null}
        </label>
      ))}
    </fieldset>
  )
}
