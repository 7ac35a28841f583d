import { useEffect, useState } from "preact/hooks"
import { Pixels } from "../inspect/Pixels.tsx"
import { Timeline } from "../inspect/Timeline.tsx"
import { currentRun, onChange } from "../state/runs.ts"

/** What the generator draws of the same noise, as it learns: the newest picture, or an earlier one. */
export const SamplesOverTime = () => {
  const [chosen, setChosen] = useState<number>(), [, draw] = useState({})
  useEffect(() => onChange(() => draw({})), [])
  const { pictures = [], steps = [] } = currentRun()?.samples ?? {}
  // A step stays the one that was chosen, also when pictures between others go.
  const at = chosen === undefined ? steps.length - 1 : Math.max(0, steps.findLastIndex((step) => step <= chosen))
  const picture = pictures[at], step = steps[at] ?? 0
  return (
    <figure class="card">
      <h3>Samples over time</h3>
      <Timeline
        steps={steps}
        at={at}
        onChange={(i) => setChosen(i === steps.length - 1 ? undefined : steps[i])}
      />
      {picture === undefined
        ? <p class="muted">Waiting for the first picture…</p>
        : (
          <Pixels
            label={`a row of all digits for each of five points of the noise, after step ${step}`}
            size={360}
            height={picture.height}
            width={picture.width}
            values={picture.data}
          />
        )}
      <figcaption class="muted">
        Always of the same noise: a column for each digit, a row for each point of the noise.
      </figcaption>
    </figure>
  )
}
