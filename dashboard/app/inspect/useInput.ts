import type { NdArray } from "effect-neuron"
import { useMemo } from "preact/hooks"
import type { Example } from "../../../src/experiment/index.ts"
import { session } from "../state/session.ts"
import { useStore } from "../state/store.ts"
import { batched, splitOf, useExample } from "./examples.ts"
import { input } from "./input.ts"
import { inWords } from "./inWords.ts"

/** What the model is shown: a batch of one. */
interface Shown {
  readonly x: NdArray.HostTree | undefined
  /** The example that it is of, unless a person has made it. */
  readonly example: Example | undefined
  readonly label: string
}

const yours: { readonly [kind: string]: string } = {
  image: "your drawing",
  text: "your text",
  point: "your point",
  series: "your course"
}

/** What the model is shown, and what it is. */
export const useInput = (): Shown => {
  const about = useStore(session, (value) => value.about), run = useStore(session, (value) => value.run)
  const { example: place, own, useOwn } = useStore(input, (value) => value)
  const found = useExample(place), example = found?.example
  const x = useMemo(() => example && batched(example.x), [example])
  if (useOwn && own !== undefined && own.run === run) {
    return { x: own.x, example: undefined, label: yours[about?.show?.input.kind ?? "row"] ?? "your own input" }
  }
  if (about === undefined || found === undefined) return { x: undefined, example: undefined, label: "" }
  const what = inWords(found.example.y, about.show?.target)
  return { x, example, label: `${splitOf(about)} example ${found.place}${what === "" ? "" : `, ${what}`}` }
}
