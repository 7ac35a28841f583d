import type { NdArray } from "effect-neuron"
import type { TargetedEvent } from "preact"
import { useMemo, useState } from "preact/hooks"
import { softmax } from "../../../src/core/softmax.ts"
import { ask, session } from "../state/session.ts"
import { useStore } from "../state/store.ts"
import { classes } from "../training/definition.ts"
import { Confusion } from "./Confusion.tsx"
import { input } from "./input.ts"
import { Pixels } from "./Pixels.tsx"
import { imageOf } from "./testData.ts"
import type { TestData } from "./testData.ts"
import { useTestData } from "./useInput.ts"
import { usePolled } from "./usePolled.ts"
import { WhyNot } from "./WhyNot.tsx"

const MOST = 36

interface Mistake {
  readonly i: number
  readonly truth: number
  readonly guess: number
  readonly probability: number
}

/** What the network gets wrong, the most certain first. */
const mistakesOf = (scores: NdArray.NdArray, { y }: TestData): ReadonlyArray<Mistake> => {
  const n = classes.length, found: Array<Mistake> = []
  y.forEach((truth, i) => {
    const probabilities = softmax(scores.data.subarray(i * n, (i + 1) * n)),
      guess = probabilities.indexOf(Math.max(...probabilities))
    if (guess !== truth) found.push({ i, truth, guess, probability: probabilities[guess]! })
  })
  return found.sort((a, b) => b.probability - a.probability)
}

/** They stay as they are while one of them is pointed at or has the focus: it would be gone before it is chosen. */
const Gallery = ({ data, mistakes }: { readonly data: TestData; readonly mistakes: ReadonlyArray<Mistake> }) => {
  const [held, setHeld] = useState<ReadonlyArray<Mistake>>()
  const hold = () => setHeld((before) => before ?? mistakes)
  const release = ({ currentTarget, relatedTarget, type }: TargetedEvent<HTMLElement, FocusEvent | PointerEvent>) => {
    const next = type === "focusout" ? relatedTarget : document.activeElement
    if (!currentTarget.contains(next as Node | null)) setHeld(undefined)
  }
  const images = useMemo(() => new Map<number, NdArray.NdArray["data"]>(), [data])
  const pixels = (i: number) => {
    if (!images.has(i)) images.set(i, imageOf(data, i).data)
    return images.get(i)!
  }
  return (
    <ul class="gallery" onFocusIn={hold} onFocusOut={release} onPointerEnter={hold} onPointerLeave={release}>
      {(held ?? mistakes).slice(0, MOST).map(({ guess, i, probability, truth }) => (
        <li key={i}>
          <a
            href="#network"
            title="Look at it in the network"
            onClick={() => input.set({ useDrawing: false, example: i })}
          >
            <Pixels label={`test example ${i}`} size={56} height={28} width={28} values={pixels(i)} />
            <span>
              {classes[truth]} <span class="hidden">taken for</span>
              <span aria-hidden="true">→</span> <strong>{classes[guess]}</strong>
            </span>
            <span class="muted">{Math.round(100 * probability)} %</span>
          </a>
        </li>
      ))}
    </ul>
  )
}

/** What the network gets wrong on the test examples: how often each for each, and which. */
export const MistakesView = () => {
  const data = useTestData(), confusion = useStore(session, ({ confusion }) => confusion)
  const scores = usePolled(
    () => data && ask((client) => client.predict(data.x)),
    1000,
    data === undefined ? "" : "data"
  )
  const mistakes = useMemo(() => scores && data && mistakesOf(scores, data), [scores, data])
  return (
    <section aria-labelledby="mistakes-title">
      <div class="toolbar">
        <h2 id="mistakes-title">Mistakes</h2>
      </div>
      <div class="mistakes">
        <div class="card">
          <h3>Confusion matrix</h3>
          {confusion === undefined
            ? <WhyNot />
            : <Confusion counts={confusion} />}
        </div>
        <div class="card">
          <h3>
            {mistakes === undefined || data === undefined
              ? "Test examples that it gets wrong"
              : `${mistakes.length} of ${data.y.length} test examples are wrong`}
          </h3>
          <p class="muted">The most certain first: the class → what the network says, and how likely it finds that.</p>
          {mistakes === undefined || data === undefined ? <WhyNot /> : <Gallery data={data} mistakes={mistakes} />}
        </div>
      </div>
    </section>
  )
}
