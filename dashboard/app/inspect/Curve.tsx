import { useMemo, useState } from "preact/hooks"
import type { Examined } from "../../../src/experiment/index.ts"
import { format } from "../charts/palette.ts"
import { Plot } from "../show/Plot.tsx"
import { curvesOf, probabilityOf } from "./examined.ts"

const UNIT = [0, 1] as const

/** How well one class is told from all others, whatever the threshold. */
export const Curve = ({ classes, examined }: {
  readonly classes: ReadonlyArray<string>
  readonly examined: Examined
}) => {
  const [of, choose] = useState(0), { labels } = examined
  const curves = useMemo(() => {
    const places = Array.from(labels ?? [], (_, i) => i)
    return curvesOf(
      places.map((place) => probabilityOf(examined, classes.length, place, of)),
      places.map((place) => labels![place] === of)
    )
  }, [examined, of])
  return (
    <div class="card">
      <div class="toolbar">
        <h3>One class against the others</h3>
        <label>
          class
          <select value={of} onChange={({ currentTarget }) => choose(Number(currentTarget.value))}>
            {classes.map((name, i) => <option key={name} value={i}>{name}</option>)}
          </select>
        </label>
      </div>
      <div class="plots">
        <Plot
          label={`precision by recall of ${classes[of]}`}
          x={{ name: "recall", range: UNIT }}
          y={{ name: "precision", range: UNIT }}
          drawn={[{ xs: curves.recall, ys: curves.precision, as: "line" }]}
        />
        <Plot
          label={`recall by false positives of ${classes[of]}`}
          x={{ name: "false positive rate", range: UNIT }}
          y={{ name: "true positive rate", range: UNIT }}
          drawn={[
            { xs: UNIT, ys: UNIT, as: "diagonal" },
            { xs: [0, ...curves.fallOut], ys: [0, ...curves.recall], as: "line" }
          ]}
        />
      </div>
      <p class="muted">Area under the ROC curve: {format(curves.area)}</p>
    </div>
  )
}
