import { useState } from "preact/hooks"
import { format } from "../charts/palette.ts"
import { setLearningRate } from "../state/commands.ts"

const isRate = (value: number): boolean => value > 0 && value < Infinity

/** The learning rate of the run, which can be changed while it trains. */
export const LiveRate = ({ rate }: { readonly rate: number | undefined }) => {
  const [text, setText] = useState<string>()
  const value = Number(text), isWrong = text !== undefined && text.trim() !== "" && !isRate(value)
  const onSubmit = (event: Event) => {
    event.preventDefault()
    if (text === undefined || !isRate(value)) return
    setLearningRate(value)
    setText(undefined)
  }
  return (
    <form class="live" onSubmit={onSubmit}>
      <label>
        learning rate
        <input
          inputMode="decimal"
          size={8}
          value={text ?? format(rate)}
          aria-invalid={isWrong}
          aria-describedby={isWrong ? "rate-problem" : undefined}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={text === undefined || !isRate(value)}>Set</button>
      {isWrong ? <p class="problem" id="rate-problem">This has to be a number above 0, such as 0.001.</p> : null}
    </form>
  )
}
