import { softmax } from "../../../src/core/softmax.ts"
import { ask } from "../state/session.ts"
import { useStore } from "../state/store.ts"
import { classes } from "../training/definition.ts"
import { DrawPad } from "./DrawPad.tsx"
import { input } from "./input.ts"
import { Pixels } from "./Pixels.tsx"
import { Said } from "./Said.tsx"
import { useInput } from "./useInput.ts"
import { usePolled } from "./usePolled.ts"
import { WhyNot } from "./WhyNot.tsx"

const serial = new WeakMap<object, number>()
let count = 0
const keyOf = (image: object | undefined): number => {
  if (image === undefined) return -1
  if (!serial.has(image)) serial.set(image, count++)
  return serial.get(image)!
}

/** Draw a digit and see what the network makes of it, from step to step. */
export const TryView = () => {
  const { image, label } = useInput(), shown = useStore(input, (value) => value)
  const key = shown.useDrawing ? `drawing ${keyOf(shown.drawing)}` : label
  const scores = usePolled(
    () => image && ask((client) => client.predict(image)).then((y) => y.data),
    120,
    key
  )
  const probabilities = scores === undefined ? classes.map(() => 0) : softmax(scores)
  const best = probabilities.indexOf(Math.max(...probabilities))
  return (
    <section aria-labelledby="try-title">
      <div class="toolbar">
        <h2 id="try-title">Try it</h2>
        <button type="button" onClick={() => input.set({ useDrawing: false, example: shown.example + 1 })}>
          Show a test example
        </button>
      </div>
      <div class="try">
        <div class="card">
          <h3>Draw a digit</h3>
          <DrawPad />
        </div>
        <div class="card">
          <h3>What the network sees</h3>
          {image === undefined
            ? null
            : <Pixels label={label} size={168} height={28} width={28} values={image.data} />}
          <p class="muted">{label}</p>
        </div>
        <div class="card grow">
          <Said about={key} text={scores === undefined ? "" : `The network says ${classes[best]}`} />
          {scores === undefined ? <WhyNot /> : (
            <table class="bars">
              <caption>
                Probabilities, as the network has them now: <strong data-testid="guess">{classes[best]}</strong>
              </caption>
              <thead>
                <tr>
                  <th scope="col">
                    <span class="hidden">digit</span>
                  </th>
                  <td />
                  <th scope="col">
                    <span class="hidden">probability</span>
                  </th>
                </tr>
              </thead>
              <tbody>
                {probabilities.map((p, i) => (
                  <tr key={classes[i]} class={i === best ? "best" : ""}>
                    <th scope="row">{classes[i]}</th>
                    <td class="bar">
                      <span style={{ width: `${100 * p}%` }} />
                    </td>
                    <td>{(100 * p).toFixed(1)} %</td>
                  </tr>
                ))}
              </tbody>
            </table>
          )}
        </div>
      </div>
    </section>
  )
}
