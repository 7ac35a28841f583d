import type { NdArray } from "effect-neuron"
import { Answer, answerInWords } from "../show/Answer.tsx"
import { Editor, titles } from "../show/Editor.tsx"
import { Sight } from "../show/Sight.tsx"
import { ask, session } from "../state/session.ts"
import { useStore } from "../state/store.ts"
import { Said } from "./Said.tsx"
import { Stepping } from "./Stepping.tsx"
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

/** The first of a batch. */
const first = (tree: NdArray.HostTree): NdArray.HostTree =>
  "data" in tree && "shape" in tree
    ? { data: tree.data, shape: (tree as NdArray.NdArray).shape.slice(1) } as NdArray.NdArray
    : Object.fromEntries(Object.entries(tree).map(([name, child]) => [name, first(child)]))

/** An example, or an input of one's own, and what the network makes of it, from step to step. */
export const TryView = () => {
  const { example, label, x } = useInput(), about = useStore(session, (value) => value.about)
  const key = `input ${keyOf(x)}`
  const prediction = usePolled(() => x && ask((client) => client.predict(x)), 120, key)
  const view = about?.show?.input, target = about?.show?.target
  const title = view && titles[view.kind], isImage = view?.kind === "image"
  return (
    <section aria-labelledby="try-title">
      <div class="toolbar">
        <h2 id="try-title">Try it</h2>
        {isImage ? null : <span class="muted">{label}</span>}
        <Stepping isSteady />
      </div>
      <div class="try">
        {about === undefined || view === undefined || title === undefined ?
          null :
          (
            <div class={`card editor-${view.kind}`}>
              <h3>{title}</h3>
              <Editor about={about} prediction={prediction} truth={example?.y} view={view} x={x} />
            </div>
          )}
        {!isImage ? null : (
          <div class="card">
            <h3>What the network sees</h3>
            <Sight label={label} size="large" value={x && first(x)} view={view} />
            <p class="muted">{label}</p>
          </div>
        )}
        <div class="card grow">
          <Said
            about={key}
            text={prediction === undefined ? "" : `The network says ${answerInWords(prediction, target)}`}
          />
          {prediction === undefined
            ? <WhyNot />
            : <Answer input={view} prediction={prediction} truth={example?.y} view={target} x={x} />}
        </div>
      </div>
    </section>
  )
}
