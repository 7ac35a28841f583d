import { NdArray } from "effect-neuron"
import type { Example, Show } from "../../../src/experiment/index.ts"
import { answerInWords } from "./Answer.tsx"
import { continued, coursesOf, goingOn } from "./courses.ts"
import { Lines } from "./Lines.tsx"
import { Sight } from "./Sight.tsx"

/** Whether a target is more than a few words: what is predicted is looked at then as its input is. */
export const isSeen = (show: Show | undefined): boolean =>
  show !== undefined && ["image", "series", "text"].includes(show.target.kind)

/** One example with what is predicted for it beside what is true, small. */
export const Beside = ({ example: { x, y }, label, prediction, show }: {
  readonly example: Example
  readonly prediction: NdArray.HostTree
  readonly show: Show | undefined
  readonly label: string
}) => {
  const input = show?.input, target = show?.target
  const sightOfInput = <Sight label={label} size="small" value={x} view={input} />
  if (!NdArray.isNdArray(y) || !NdArray.isNdArray(prediction) || target === undefined) return sightOfInput
  switch (target.kind) {
    case "series": {
      const on = NdArray.isNdArray(x) ? goingOn(input, target, x.shape[0] ?? 0) : undefined
      if (on === undefined || input?.kind !== "series" || !NdArray.isNdArray(x)) {
        return (
          <>
            {sightOfInput}
            <Lines
              label={`${label}: what is predicted, beside what is true`}
              size="small"
              courses={[
                ...coursesOf(target.names, y, { word: "true" }),
                ...coursesOf(target.names, prediction, { word: "predicted", isDashed: true })
              ]}
            />
          </>
        )
      }
      const given = coursesOf(input.names, x)
      return (
        <Lines
          label={`${label}: what is predicted behind it, beside what is true`}
          size="small"
          courses={[
            ...given,
            ...continued(given, y, on, "true", false),
            ...continued(given, prediction, on, "predicted", true)
          ]}
        />
      )
    }
    case "image":
      return (
        <span class="triple">
          {sightOfInput}
          <Sight label="what is true" size="small" value={y} view={target} />
          <Sight label="what the network gives" size="small" value={prediction} view={target} />
        </span>
      )
    case "text":
      return (
        <>
          {sightOfInput}
          <Sight label="what is true" size="small" value={y} view={target} />
          <p class="text-sight">
            <span aria-hidden="true">→</span> <strong>{answerInWords(prediction, target)}</strong>
          </p>
        </>
      )
    default:
      return sightOfInput
  }
}
