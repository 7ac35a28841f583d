import { NdArray } from "effect-neuron"
import { useEffect, useState } from "preact/hooks"
import type { Example, Split } from "../../../src/experiment/index.ts"
import { ask, session } from "../state/session.ts"
import { useStore } from "../state/store.ts"
import type { Described } from "../training/definition.ts"

/** The part of the data that is looked at: test examples, or others where there are none. */
export const splitOf = ({ sizes }: Described): Split =>
  sizes.test > 0 ? "test" : sizes.validation > 0 ? "validation" : "train"

/** One example as a batch. */
export const batched = (tree: NdArray.HostTree): NdArray.HostTree =>
  NdArray.isNdArray(tree)
    ? { data: tree.data, shape: [1, ...tree.shape] }
    : Object.fromEntries(Object.entries(tree).map(([name, child]) => [name, batched(child)]))

// Examples that are next to each other are asked for together.
const BLOCK = 16, MOST = 4096

/** The examples that were asked for, those of the run that is loaded alone. */
let known = { about: undefined as Described | undefined, examples: new Map<string, Example>() }

const knownOf = (about: Described): Map<string, Example> => {
  if (known.about !== about || known.examples.size > MOST) known = { about, examples: new Map() }
  return known.examples
}

/** Examples of a part of the data by their places there, those that are known. */
const load = async (about: Described, split: Split, places: ReadonlyArray<number>): Promise<ReadonlyArray<Example>> => {
  const examples = knownOf(about), key = (place: number) => `${split} ${place}`
  const missing = places.filter((place) => !examples.has(key(place)))
  if (missing.length > 0) {
    const found = await ask((client) => client.examples(split, missing))
    found.forEach((example, i) => examples.set(key(missing[i]!), example))
  }
  return places.flatMap((place) => examples.get(key(place)) ?? [])
}

/** Examples of the run that is loaded, when they are there. */
export const useExamples = (split: Split, places: ReadonlyArray<number>): ReadonlyArray<Example> | undefined => {
  const about = useStore(session, ({ about, isLoaded }) => isLoaded ? about : undefined)
  const [found, setFound] = useState<{ readonly key: string; readonly examples: ReadonlyArray<Example> }>()
  const key = `${split} ${places.join()}`
  useEffect(() => {
    if (about === undefined) return
    let over = false
    load(about, split, places).then((examples) => over || setFound({ key, examples }), () => undefined)
    return () => {
      over = true
    }
  }, [about, key])
  return found?.key === key ? found.examples : undefined
}

/** One of the examples that a person steps through. */
export const useExample = (place: number): { readonly place: number; readonly example: Example } | undefined => {
  const about = useStore(session, ({ about }) => about)
  const split = about === undefined ? "test" : splitOf(about), size = about?.sizes[split] ?? 0
  const at = size === 0 ? 0 : place % size, first = at - at % BLOCK
  const count = Math.max(0, Math.min(BLOCK, size - first))
  const block = useExamples(split, Array.from({ length: count }, (_, i) => first + i))
  const example = block?.[at - first]
  return example && { place: at, example }
}
