import { useEffect, useState } from "preact/hooks"
import { Pixels } from "../inspect/Pixels.tsx"
import { Timeline } from "../inspect/Timeline.tsx"
import { currentRun, onChange } from "../state/runs.ts"
import { isPicture, noSamples, samplesOf } from "../state/samples.ts"
import { session } from "../state/session.ts"
import { useStore } from "../state/store.ts"
import { noiseOf } from "./latent.ts"

/** What the generator draws of the same noise, as it learns: the newest picture, or an earlier one. */
export const SamplesOverTime = () => {
  const [chosen, setChosen] = useState<number>(), [, draw] = useState({})
  useEffect(() => onChange(() => draw({})), [])
  const about = useStore(session, (value) => value.about), isTold = (about && noiseOf(about))?.classes.length !== 0
  const { made: pictures, steps } = samplesOf(currentRun()?.samples ?? noSamples(), isPicture)
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
            label={`images of always the same noise, after step ${step}`}
            size={360}
            height={picture.height}
            width={picture.width}
            channels={picture.channels ?? 1}
            range={[0, 255]}
            values={picture.data}
          />
        )}
      <figcaption class="muted">
        Always of the same noise{isTold ? ": each column is of one class" : ""}.
      </figcaption>
    </figure>
  )
}
