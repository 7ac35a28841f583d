import { useState } from "preact/hooks"

const stepOf = (file: string): string => Number(/\d+/.exec(file)?.[0] ?? 0).toLocaleString("en-US")

/** What a generator made in the course of its training, always from the same noise: the newest, or an earlier one. */
export const Samples = ({ files, folder }: { readonly folder: string; readonly files: ReadonlyArray<string> }) => {
  const [chosen, setChosen] = useState<number>()
  const last = files.length - 1, at = Math.min(chosen ?? last, last), file = files[at]!
  return (
    <figure class="card">
      <h3>Samples of {folder}</h3>
      <label class="toolbar">
        step
        <input
          type="range"
          min={0}
          max={last}
          value={at}
          aria-valuetext={`step ${stepOf(file)}`}
          onInput={({ currentTarget: { valueAsNumber } }) =>
            setChosen(valueAsNumber === last ? undefined : valueAsNumber)}
        />
        <output aria-hidden="true">{stepOf(file)}</output>
      </label>
      <img
        class="samples"
        src={`api/runs/${encodeURIComponent(folder)}/samples/${file}`}
        alt={`images that ${folder} generated after step ${stepOf(file)}`}
      />
    </figure>
  )
}
