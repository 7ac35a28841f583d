import { useEffect, useState } from "preact/hooks"
import { count } from "../../../src/experiment/report/numbers.ts"
import { Timeline } from "../inspect/Timeline.tsx"
import { writtenAt } from "../state/server.ts"

const stepOf = (file: string): number => Number(/\d+/.exec(file)?.[0] ?? 0)

/** What a language model wrote at a step. */
const Text = ({ file, folder }: { readonly folder: string; readonly file: string }) => {
  const [written, setWritten] = useState<Awaited<ReturnType<typeof writtenAt>>>()
  useEffect(() => {
    let over = false
    void writtenAt(folder, file).then((found) => over || setWritten(found), () => undefined)
    return () => {
      over = true
    }
  }, [file, folder])
  return (
    <p class="written" tabIndex={0} aria-label={`What ${folder} wrote after step ${count(stepOf(file))}`}>
      <b>{written?.prompt}</b>
      {written?.text}
    </p>
  )
}

/**
 * What a model made in the course of its training, always from the same noise or beginning: the newest, or an earlier
 * one.
 */
export const Samples = ({ files, folder }: { readonly folder: string; readonly files: ReadonlyArray<string> }) => {
  const [chosen, setChosen] = useState<number>()
  const last = files.length - 1, at = Math.min(chosen ?? last, last), file = files[at]!
  return (
    <figure class="card">
      <h3>Samples of {folder}</h3>
      <Timeline steps={files.map(stepOf)} at={at} onChange={(i) => setChosen(i === last ? undefined : i)} />
      {file.endsWith(".json") ? <Text folder={folder} file={file} /> : (
        <img
          class="samples"
          src={`api/runs/${encodeURIComponent(folder)}/samples/${file}`}
          alt={`images that ${folder} generated after step ${count(stepOf(file))}`}
        />
      )}
    </figure>
  )
}
