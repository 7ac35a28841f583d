import { useStore } from "../state/store.ts"
import { input } from "./input.ts"

/** Steps through the examples that the model is shown, and back to what a person has made. */
export const Stepping = ({ isSteady = false }: {
  /** Whether the way back has room before there is one: what is drawn on below must not move when it begins. */
  readonly isSteady?: boolean
}) => {
  const { example, own, useOwn } = useStore(input, (value) => value)
  const go = (by: number) => input.set({ useOwn: false, example: Math.max(0, example + by) })
  return (
    <span class="buttons" role="group" aria-label="Examples">
      <button type="button" disabled={example === 0 && !useOwn} onClick={() => go(-1)}>Previous example</button>
      <button type="button" onClick={() => go(1)}>Next example</button>
      {own !== undefined && !useOwn ?
        <button type="button" onClick={() => input.set({ useOwn: true })}>Your own</button> :
        own === undefined && !isSteady ?
        null :
        (
          <button type="button" disabled={own === undefined} onClick={() => input.set({ useOwn: false })}>
            Back to the example
          </button>
        )}
    </span>
  )
}
