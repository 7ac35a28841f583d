import { useEffect, useId, useRef } from "preact/hooks"
import { Said } from "../inspect/Said.tsx"
import { WhyNot } from "../inspect/WhyNot.tsx"
import { onChange, runs } from "../state/runs.ts"
import { session } from "../state/session.ts"
import { useStore } from "../state/store.ts"
import { useRedraw } from "./useRedraw.ts"
import { goOn, promptNow, stopWriting, writing } from "./writing.ts"

const LENGTHS = [50, 200, 1000]

/** Text that was written, and how it goes on; it shows its end as it grows. */
const Text = ({ gone, isGoing, prompt }: {
  readonly prompt: string
  readonly gone: string
  readonly isGoing: boolean
}) => {
  const field = useRef<HTMLParagraphElement>(null)
  useEffect(() => {
    const element = field.current
    if (element !== null && isGoing) element.scrollTop = element.scrollHeight
  }, [gone, isGoing])
  return (
    <p class="written" ref={field} data-testid="written" tabIndex={0} aria-label="The text">
      <b>{prompt}</b>
      {gone}
      {isGoing ? <span class="caret" aria-hidden="true" /> : null}
    </p>
  )
}

/** A text to begin, which the model goes on with as it is now, beside its steps. */
export const WritingCard = () => {
  const id = useId(), { gone, isGoing, length, problem, temperature } = useStore(writing, (value) => value)
  const isLoaded = useStore(session, (value) => value.isLoaded), current = useStore(runs, (value) => value.current)
  useRedraw(onChange)
  // Another model has written nothing yet.
  useEffect(() => () => {
    stopWriting()
    writing.set({ gone: "", problem: "" })
  }, [current])
  const prompt = promptNow(), canGo = isLoaded && prompt !== ""
  return (
    <form
      class="card writing"
      onSubmit={(event) => {
        event.preventDefault()
        goOn("prompt")
      }}
    >
      <h3>Write</h3>
      <div class="field">
        <label for={id}>A beginning</label>
        <textarea
          id={id}
          value={prompt}
          rows={2}
          spellcheck={false}
          onInput={(event) => writing.set({ prompt: event.currentTarget.value })}
          onKeyDown={(event) => {
            if (event.key !== "Enter" || !(event.ctrlKey || event.metaKey)) return
            event.preventDefault()
            goOn("prompt")
          }}
        />
      </div>
      <div class="row">
        <label class="slider">
          temperature
          <input
            type="range"
            min={0}
            max={1.5}
            step={0.05}
            value={temperature}
            onInput={(event) => writing.set({ temperature: event.currentTarget.valueAsNumber })}
          />
          <output aria-hidden="true">{temperature.toFixed(2)}</output>
        </label>
        <label class="slider">
          tokens
          <select
            value={String(length)}
            onChange={(event) => writing.set({ length: Number(event.currentTarget.value) })}
          >
            {LENGTHS.map((length) => <option key={length}>{length}</option>)}
          </select>
        </label>
        <span class="buttons">
          <button type="submit" class="primary" disabled={!canGo}>Go on</button>
          <button type="button" disabled={!canGo || gone === "" || isGoing} onClick={() => goOn("end")}>More</button>
          <button type="button" disabled={!isGoing} onClick={stopWriting}>Stop here</button>
        </span>
      </div>
      {problem === "" ? null : <p class="problem" role="alert">{problem}</p>}
      {isLoaded ? <Text gone={gone} isGoing={isGoing} prompt={prompt} /> : <WhyNot />}
      <Said about={isGoing ? "going" : gone} text={isGoing ? "" : gone} />
    </form>
  )
}
