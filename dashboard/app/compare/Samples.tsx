import { useState } from "preact/hooks"
import { count } from "../../../src/experiment/report/numbers.ts"
import { Timeline } from "../inspect/Timeline.tsx"

const stepOf = (file: string): number => Number(/\d+/.exec(file)?.[0] ?? 0)

/** What a generator made in the course of its training, always from the same noise: the newest, or an earlier one. */
export const Samples = ({ files, folder }: { readonly folder: string; readonly files: ReadonlyArray<string> }) => {
  const [chosen, setChosen] = useState<number>()
  const last = files.length - 1, at = Math.min(chosen ?? last, last), file = files[at]!
  return (
    <figure class="card">
      <h3>Samples of {folder}</h3>
      <Timeline steps={files.map(stepOf)} at={at} onChange={(i) => setChosen(i === last ? undefined : i)} />
      <img
        class="samples"
        src={`api/runs/${encodeURIComponent(folder)}/samples/${file}`}
        alt={`images that ${folder} generated after step ${count(stepOf(file))}`}
      />
    </figure>
  )
}
