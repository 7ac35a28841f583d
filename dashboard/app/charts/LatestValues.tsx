import { useEffect, useState } from "preact/hooks"
import { Scroll } from "../Scroll.tsx"
import { onChange, runs, stepOf } from "../state/runs.ts"
import type { Run } from "../state/runs.ts"
import { lastOf } from "../state/series.ts"
import type { Series } from "../state/series.ts"
import { useStore } from "../state/store.ts"
import { isPlace } from "./definitions.ts"
import { format, words } from "./palette.ts"

/** What was measured on a part of the data, if anything was. */
const measuredOn = ({ others, train }: Run, split: string): Series | undefined =>
  split === "train" ? train : others[split]

/** What the runs have measured: in training, and on whatever else. */
const columnsOf = (shown: ReadonlyArray<Run>): ReadonlyArray<readonly [split: string, name: string]> => {
  const splits = ["train", ...new Set(shown.flatMap(({ others }) => Object.keys(others)))]
  return splits.flatMap((split) => {
    const names = new Set(shown.flatMap((run) => Object.keys(measuredOn(run, split)?.values ?? {})))
    return [...names].filter((name) => !isPlace(name)).map((name) => [split, name] as const)
  })
}

const valueIn = (series: Series | undefined, name: string): string =>
  format(series === undefined ? undefined : lastOf(series, name))

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
              <th key={`${split} ${name}`} scope="col">{split === "train" ? "" : `${words(split)} `}{words(name)}</th>
            ))}
          </tr>
        </thead>
        <tbody>
          {shown.map((run) => (
            <tr key={run.id}>
              <th scope="row">{run.name}</th>
              <td>{stepOf(run)}</td>
              {columns.map(([split, name]) => <td key={`${split} ${name}`}>{valueIn(measuredOn(run, split), name)}
              </td>)}
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
