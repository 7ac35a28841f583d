import { useEffect, useState } from "preact/hooks"
import { Scroll } from "../Scroll.tsx"
import { onChange, runs, stepOf } from "../state/runs.ts"
import { lastOf } from "../state/series.ts"
import { useStore } from "../state/store.ts"
import { format } from "./palette.ts"

/** What the charts show at their right ends, in numbers. */
export const LatestValues = () => {
  const all = useStore(runs, (value) => value.all)
  const [, draw] = useState({})
  useEffect(() => onChange(() => draw({})), [])
  return (
    <Scroll label="Latest values">
      <table>
        <caption>The latest values of the runs that are shown</caption>
        <thead>
          <tr>
            <th scope="col">run</th>
            <th scope="col">step</th>
            <th scope="col">loss</th>
            <th scope="col">validation loss</th>
            <th scope="col">accuracy</th>
            <th scope="col">validation accuracy</th>
            <th scope="col">learning rate</th>
            <th scope="col">examples/s</th>
          </tr>
        </thead>
        <tbody>
          {all.filter(({ visible }) => visible).map((run) => (
            <tr key={run.id}>
              <th scope="row">{run.name}</th>
              <td>{stepOf(run)}</td>
              <td>{format(lastOf(run.train, "loss"))}</td>
              <td>{format(lastOf(run.test, "loss"))}</td>
              <td>{format(lastOf(run.train, "accuracy"))}</td>
              <td>{format(lastOf(run.test, "accuracy"))}</td>
              <td>{format(lastOf(run.train, "learningRate"))}</td>
              <td>{format(lastOf(run.train, "examplesPerSecond"))}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </Scroll>
  )
}
