import { useEffect, useState } from "preact/hooks"
import { Scroll } from "../Scroll.tsx"
import { onChange, runs, stepOf } from "../state/runs.ts"
import type { Run } from "../state/runs.ts"
import { lastOf } from "../state/series.ts"
import { useStore } from "../state/store.ts"
import { isPlace } from "./definitions.ts"
import { format, words } from "./palette.ts"

/** What the runs have measured: in training, and on test examples. */
const columnsOf = (shown: ReadonlyArray<Run>): ReadonlyArray<readonly [split: "train" | "test", name: string]> => {
  const names = (split: "train" | "test") =>
    [...new Set(shown.flatMap((run) => Object.keys(run[split].values)))].filter((name) => !isPlace(name))
  return [
    ...names("train").map((name) => ["train", name] as const),
    ...names("test").map((name) => ["test", name] as const)
  ]
}

/** What the charts show at their right ends, in numbers. */
export const LatestValues = () => {
  const all = useStore(runs, (value) => value.all)
  const [, draw] = useState({})
  useEffect(() => onChange(() => draw({})), [])
  const shown = all.filter(({ visible }) => visible), columns = columnsOf(shown)
  return (
    <Scroll label="Latest values">
      <table>
        <caption>The latest values of the runs that are shown</caption>
        <thead>
          <tr>
            <th scope="col">run</th>
            <th scope="col">step</th>
            {columns.map(([split, name]) => (
              <th key={`${split} ${name}`} scope="col">{split === "test" ? "validation " : ""}{words(name)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((run) => (
            <tr key={run.id}>
              <th scope="row">{run.name}</th>
              <td>{stepOf(run)}</td>
              {columns.map(([split, name]) => <td key={`${split} ${name}`}>{format(lastOf(run[split], name))}</td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
