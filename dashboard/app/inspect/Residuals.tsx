import { useMemo } from "preact/hooks"
import { extent, Plot } from "../show/Plot.tsx"
import type { Described } from "../training/definition.ts"

/** The share of the variance of the true values that the predictions explain. */
export const determination = (truth: ArrayLike<number>, said: ArrayLike<number>): number => {
  const all = Array.from(truth), mean = all.reduce((a, b) => a + b, 0) / all.length
  const left = all.reduce((sum, value, i) => sum + (value - said[i]!) ** 2, 0)
  return 1 - left / all.reduce((sum, value) => sum + (value - mean) ** 2, 0)
}

/** What was predicted of one number, against what is true. */
export const Residuals = ({ about: { show }, predictions, targets }: {
  readonly about: Described
  readonly predictions: Float32Array
  readonly targets: Float32Array
}) => {
  const name = show?.target.kind === "row" && show.target.names[0] !== "1" ? show.target.names[0]! : "value"
  const range = useMemo(() => extent(targets, predictions), [predictions])
  return (
    <div class="card">
      <h3>Predicted against true</h3>
      <Plot
        label={`predicted ${name} against true ${name}, ${targets.length} examples`}
        x={{ name: `true ${name}`, range }}
        y={{ name: "predicted", range }}
        drawn={[{ xs: range, ys: range, as: "diagonal" }, { xs: targets, ys: predictions, as: "dots" }]}
      />
      <p class="muted">
        A dot on the line is right. R²{" "}
        <strong data-testid="r2">{determination(targets, predictions).toFixed(3)}</strong>
      </p>
    </div>
  )
}
