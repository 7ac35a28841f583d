import { count } from "../../../src/experiment/report/numbers.ts"

/** A slider over the steps at which something is known. */
export const Timeline = ({ at, onChange, steps }: {
  readonly steps: ReadonlyArray<number>
  /** The place among `steps` that is shown. */
  readonly at: number
  readonly onChange: (at: number) => void
}) => {
  const step = count(steps[at] ?? 0)
  return (
    <label class="toolbar">
      step
      <input
        type="range"
        min={0}
        max={Math.max(0, steps.length - 1)}
        value={Math.max(0, at)}
        aria-valuetext={`step ${step}`}
        onInput={(event) => onChange(event.currentTarget.valueAsNumber)}
      />
      <output aria-hidden="true">{step}</output>
    </label>
  )
}
