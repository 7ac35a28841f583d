import { useMemo, useState } from "preact/hooks"
import type { Examined, Split } from "../../../src/experiment/index.ts"
import { count } from "../../../src/experiment/report/numbers.ts"
import { format } from "../charts/palette.ts"
import { isSeen } from "../show/Beside.tsx"
import { ask, session } from "../state/session.ts"
import { useStore } from "../state/store.ts"
import type { Described } from "../training/definition.ts"
import { Confusion } from "./Confusion.tsx"
import { Curve } from "./Curve.tsx"
import { countsOf, placesOf, probabilityOf } from "./examined.ts"
import type { Cell } from "./examined.ts"
import { Gallery } from "./Gallery.tsx"
import { Residuals } from "./Residuals.tsx"
import { usePolled } from "./usePolled.ts"
import { splitsOf, whyNoMistakes } from "./why.ts"
import { WhyNot } from "./WhyNot.tsx"

const MOST = 36

type Classified = Examined & Required<Pick<Examined, "labels" | "predicted">>

const isClassified = (examined: Examined): examined is Classified =>
  examined.labels !== undefined && examined.predicted !== undefined

interface Parts<E> {
  readonly about: Described
  readonly examined: E
  readonly split: Split
}

/** What a classifier takes for what, and the examples of that. */
const OfClassifier = ({ about, examined, split }: Parts<Classified>) => {
  const { classes } = about, { labels, predicted, size } = examined, [cell, onCell] = useState<Cell>()
  const counts = useMemo(() => countsOf(labels, predicted, classes.length), [examined])
  const wrong = useMemo(() => labels.filter((truth, i) => truth !== predicted[i]).length, [examined])
  const shown = useMemo(
    () =>
      placesOf(examined, cell, MOST).map((place) => {
        const said = predicted[place]!
        return {
          place,
          below: (
            <>
              <span>
                {classes[labels[place]!]} <span class="hidden">taken for</span>
                <span aria-hidden="true">→</span> <strong>{classes[said]}</strong>
              </span>
              <span class="muted">{Math.round(100 * probabilityOf(examined, classes.length, place, said))} %</span>
            </>
          )
        }
      }),
    [examined, cell]
  )
  const number = count(size)
  return (
    <>
      <div class="stack">
        <div class="card">
          <h3>Confusion matrix</h3>
          <Confusion classes={classes} counts={counts} cell={cell} onCell={onCell} />
        </div>
        <Curve classes={classes} examined={examined} />
      </div>
      <div class="card">
        <h3>
          {cell === undefined
            ? `${wrong} of ${number} ${split} examples are wrong`
            : `${counts[cell.truth]![cell.said]} times ${classes[cell.truth]} taken for ${classes[cell.said]}`}
        </h3>
        <p class="muted">
          The highest loss first: the class → what the network says, and how likely it finds that.{" "}
          {cell === undefined ? null : <button type="button" onClick={() => onCell(undefined)}>All mistakes</button>}
        </p>
        <Gallery about={about} examples={shown} split={split} />
      </div>
    </>
  )
}

/** What is seen of an example and of what is predicted for it, by what is predicted. */
const legends: { readonly [kind: string]: string } = {
  image: "The input, what is true, and what the network gives.",
  series: "Solid: the input and what is true. Dashed: what the network predicts.",
  text: "The input, what is true, and what the network finds likeliest."
}

/** The examples with the highest losses, and what of their targets can be plotted. */
const OfOthers = ({ about, examined, split }: Parts<Examined>) => {
  const { losses, predictions, targets, worst } = examined, seen = isSeen(about.show)
  const shown = useMemo(() => {
    const given = new Map(worst.map(({ index, prediction }) => [index, prediction]))
    return placesOf(examined, undefined, seen ? worst.length : MOST).map((place) => ({
      place,
      prediction: seen ? given.get(place) : undefined,
      below: <Compared examined={examined} place={place} />
    }))
  }, [examined, seen])
  return (
    <>
      {predictions === undefined || targets === undefined
        ? null
        : <Residuals about={about} predictions={predictions} targets={targets} />}
      <div class="card">
        <h3>The worst of {count(losses.length)} {split} examples</h3>
        {seen ? <p class="muted">{legends[about.show!.target.kind]}</p> : null}
        <Gallery about={about} examples={shown} split={split} />
      </div>
    </>
  )
}

const Compared = ({ examined: { losses, predictions, targets }, place }: {
  readonly examined: Examined
  readonly place: number
}) => {
  const said = predictions?.[place]
  return (
    <>
      {said === undefined ? null : (
        <span>
          {format(targets?.[place])} <span class="hidden">predicted as</span>
          <span aria-hidden="true">→</span> <strong>{format(said)}</strong>
        </span>
      )}
      <span class="muted">loss {format(losses[place])}</span>
    </>
  )
}

/** What the network gets wrong in a part of the data that it is not trained with, all of it as of one step. */
export const MistakesView = () => {
  const about = useStore(session, (value) => value.about), splits = about === undefined ? [] : splitsOf(about)
  const [chosen, choose] = useState<Split>(), split = splits.find((split) => split === chosen) ?? splits[0]
  const examined = usePolled(
    () => split && ask((client) => client.examine(split)),
    1000,
    split ?? ""
  )
  return (
    <section aria-labelledby="mistakes-title">
      <div class="toolbar">
        <h2 id="mistakes-title">Mistakes</h2>
        {examined === undefined
          ? null
          : <span class="muted" data-testid="examined">as of step {count(examined.step)}</span>}
        {splits.length < 2 ? null : (
          <label>
            examples
            <select value={split} onChange={({ currentTarget }) => choose(currentTarget.value as Split)}>
              {splits.map((split) => <option key={split}>{split}</option>)}
            </select>
          </label>
        )}
      </div>
      {about === undefined || examined === undefined || split === undefined
        ? (
          <div class="card">
            <WhyNot reason={about && whyNoMistakes(about)} />
          </div>
        )
        : (
          <div class="mistakes">
            {isClassified(examined)
              ? <OfClassifier about={about} examined={examined} split={split} />
              : <OfOthers about={about} examined={examined} split={split} />}
          </div>
        )}
    </section>
  )
}
