import { useState } from "preact/hooks"
import { Timeline } from "../inspect/Timeline.tsx"
import { currentRun, onChange } from "../state/runs.ts"
import { isWritten, noSamples, samplesOf } from "../state/samples.ts"
import { useRedraw } from "./useRedraw.ts"

/** How the model goes on with always the same beginning, as it learns: the newest text, or an earlier one. */
export const WrittenOverTime = () => {
  const [chosen, setChosen] = useState<number>()
  useRedraw(onChange)
  const { made, steps } = samplesOf(currentRun()?.samples ?? noSamples(), isWritten)
  // A step stays the one that was chosen, also when texts between others go.
  const at = chosen === undefined ? steps.length - 1 : Math.max(0, steps.findLastIndex((step) => step <= chosen))
  const written = made[at]
  return (
    <section class="card" aria-labelledby="written-title">
      <h3 id="written-title">Samples over time</h3>
      <Timeline
        steps={steps}
        at={at}
        onChange={(i) => setChosen(i === steps.length - 1 ? undefined : steps[i])}
      />
      {written === undefined
        ? <p class="muted">Waiting for the first text…</p>
        : (
          <p class="written" tabIndex={0} aria-label="What the model wrote at this step" data-testid="sample">
            <b>{written.prompt}</b>
            {written.text}
          </p>
        )}
      <p class="muted">Always from the same beginning, of a text that it does not learn from.</p>
    </section>
  )
}
