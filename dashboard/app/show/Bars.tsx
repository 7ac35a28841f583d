import { highest } from "../../../src/metrics/highest.ts"

const MOST = 20

/** How likely each class is, as bars; of many classes the likeliest. */
export const Bars = ({ classes, probabilities }: {
  readonly classes: ReadonlyArray<string>
  readonly probabilities: ReadonlyArray<number>
}) => {
  const [, best] = highest(probabilities), all = classes.map((_, i) => i)
  const shown = classes.length <= MOST ? all : all.sort((a, b) => probabilities[b]! - probabilities[a]!).slice(0, MOST)
  return (
    <table class="bars">
      <caption>
        Probabilities, as the network has them now: <strong data-testid="guess">{classes[best]}</strong>
      </caption>
      <thead>
        <tr>
          <th scope="col">
            <span class="hidden">class</span>
          </th>
          <td />
          <th scope="col">
            <span class="hidden">probability</span>
          </th>
        </tr>
      </thead>
      <tbody>
        {shown.map((i) => (
          <tr key={classes[i]} class={i === best ? "best" : ""}>
            <th scope="row">{classes[i]}</th>
            <td class="bar">
              <span style={{ width: `${100 * probabilities[i]!}%` }} />
            </td>
            <td>{(100 * probabilities[i]!).toFixed(1)} %</td>
          </tr>
        ))}
      </tbody>
    </table>
  )
}
