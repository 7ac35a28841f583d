import { NdArray } from "effect-neuron"
import type { View } from "../../../src/experiment/index.ts"
import { likeliestText, tokenizerOf } from "../../../src/experiment/tokens.ts"
import { highest } from "../../../src/metrics/highest.ts"
import { format } from "../charts/palette.ts"
import { Bars } from "./Bars.tsx"
import { coursesOf, goingOn } from "./courses.ts"
import { Lines } from "./Lines.tsx"
import { Sight } from "./Sight.tsx"
import { probabilitiesOf } from "./values.ts"

/** What a network says, in a few words. */
export const answerInWords = (prediction: NdArray.HostTree, view: View | undefined): string => {
  if (!NdArray.isNdArray(prediction) || view === undefined) return ""
  switch (view.kind) {
    case "class":
      return view.classes[highest(probabilitiesOf(prediction, view.classes.length))[1]] ?? ""
    case "row":
      return view.names.map((name, i) => `${name} ${format(prediction.data[i])}`).slice(0, 3).join(", ")
    case "text":
      return likeliestText(prediction.data, tokenizerOf(view))
    default:
      return ""
  }
}

const Numbers = ({ names, prediction, truth }: {
  readonly names: ReadonlyArray<string>
  readonly prediction: NdArray.NdArray
  readonly truth: NdArray.NdArray | undefined
}) => (
  <table class="numbers">
    <caption>What the network says now{truth === undefined ? "" : ", beside what is true"}</caption>
    <thead>
      <tr>
        <th scope="col">
          <span class="hidden">name</span>
        </th>
        <th scope="col">predicted</th>
        {truth === undefined ? null : (
          <>
            <th scope="col">true</th>
            <th scope="col">difference</th>
          </>
        )}
      </tr>
    </thead>
    <tbody>
      {names.map((name, i) => {
        const said = prediction.data[i]!
        return (
          <tr key={name}>
            <th scope="row">{name}</th>
            <td data-testid={`predicted ${name}`}>
              <strong>{format(said)}</strong>
            </td>
            {truth === undefined ? null : (
              <>
                <td>{format(truth.data[i])}</td>
                <td>{format(said - truth.data[i]!)}</td>
              </>
            )}
          </tr>
        )
      })}
    </tbody>
  </table>
)

/** How many moments a series has, a batch of one. */
const lengthOf = (x: NdArray.HostTree | undefined): number =>
  x === undefined || !NdArray.isNdArray(x) ? 0 : x.shape[1] ?? 0

/** What a network says of one example, as its targets are looked at, beside what is true where that is known. */
export const Answer = ({ input, prediction, truth, view, x }: {
  /** What it was asked with, a batch of one, and how that is looked at. */
  readonly input: View | undefined
  readonly x: NdArray.HostTree | undefined
  /** A batch of one. */
  readonly prediction: NdArray.HostTree
  readonly truth: NdArray.HostTree | undefined
  readonly view: View | undefined
}) => {
  if (!NdArray.isNdArray(prediction) || view === undefined) {
    return <p class="muted">The experiment does not say how what it predicts is looked at.</p>
  }
  const one: NdArray.NdArray = { data: prediction.data, shape: prediction.shape.slice(1) }
  const known = truth !== undefined && NdArray.isNdArray(truth) ? truth : undefined
  switch (view.kind) {
    case "class":
      return <Bars classes={view.classes} probabilities={probabilitiesOf(one, view.classes.length)} />
    case "row":
      return <Numbers names={view.names} prediction={one} truth={known} />
    case "point":
      return <Numbers names={["x", "y"]} prediction={one} truth={known} />
    case "image":
      return (
        <div class="pair">
          <figure>
            <Sight label="what the network gives" size="large" value={one} view={view} />
            <figcaption class="muted">what the network gives</figcaption>
          </figure>
          {known === undefined ? null : (
            <figure>
              <Sight label="what is true" size="large" value={known} view={view} />
              <figcaption class="muted">what is true</figcaption>
            </figure>
          )}
        </div>
      )
    case "text":
      return (
        <>
          <p class="muted">What the network finds likeliest at each position:</p>
          <p class="text-sight" data-testid="said">{likeliestText(one.data, tokenizerOf(view))}</p>
          {known === undefined ? null : (
            <>
              <p class="muted">What is true:</p>
              <Sight label="what is true" size="large" value={known} view={view} />
            </>
          )}
        </>
      )
    case "series": {
      const start = view.start ?? goingOn(input, view, lengthOf(x))?.start ?? 0
      return (
        <>
          <p class="muted">What the network predicts now{known === undefined ? "" : ", beside what is true"}:</p>
          <Lines
            label="what the network predicts"
            courses={[
              ...known === undefined ? [] : coursesOf(view.names, known, { start, word: "true" }),
              ...coursesOf(view.names, one, { start, word: "predicted", isDashed: true })
            ]}
          />
        </>
      )
    }
  }
}
