import type { Distribution } from "effect-neuron/remote"
import { useEffect, useMemo, useState } from "preact/hooks"
import { count } from "../../../src/experiment/report/numbers.ts"
import { currentRun, onChange, runs } from "../state/runs.ts"
import { useStore } from "../state/store.ts"
import { kinds } from "./looks.ts"
import type { Kind, Looks } from "./looks.ts"
import { Strip } from "./Strip.tsx"

const words: { readonly [kind in Kind]: string } = {
  weights: "The weights",
  gradients: "The gradients of the last batch",
  activations: "What layers give for the last batch"
}

/** What was seen of a kind, by path. */
const byPath = (all: Looks["all"], kind: Kind): ReadonlyArray<readonly [path: string, ReadonlyArray<Distribution>]> =>
  Object.keys(all.at(-1)?.[kind] ?? {}).map((path) =>
    [path, all.flatMap((look) => look[kind][path] === undefined ? [] : [look[kind][path]])] as const
  )

/** The looks of the run that the page trains, as there are more. */
const useLooks = (): Looks["all"] => {
  const current = useStore(runs, (value) => value.current), [all, setAll] = useState<Looks["all"]>([])
  useEffect(() => {
    // A look is added at once, and a list with one more of them is another list.
    const look = () =>
      setAll((before) => {
        const now = currentRun()?.looks.all ?? []
        return before.at(-1) === now.at(-1) && before.length === now.length ? before : [...now]
      })
    look()
    return onChange(look)
  }, [current])
  return all
}

/** How weights, gradients and activations of the run that the page trains are distributed, over time. */
export const LayersSection = () => {
  const all = useLooks(), [kind, setKind] = useState<Kind>("weights")
  const strips = useMemo(() => byPath(all, kind), [all, kind])
  const some = kinds.filter((kind) => Object.keys(all.at(-1)?.[kind] ?? {}).length > 0)
  const first = all[0]?.step ?? 0, last = all.at(-1)?.step ?? 0
  if (some.length === 0) return null
  return (
    <section class="card layers" aria-labelledby="layers-title">
      <div class="toolbar">
        <h3 id="layers-title">Distributions</h3>
        <label>
          of
          <select value={kind} onChange={(event) => setKind(event.currentTarget.value as Kind)}>
            {some.map((name) => <option key={name}>{name}</option>)}
          </select>
        </label>
      </div>
      <div class="strips">
        {strips.map(([path, distributions]) => (
          <Strip key={`${kind} ${path}`} path={path} distributions={distributions} />
        ))}
      </div>
      <p class="muted hint">
        {words[kind]} of the run in this page, from step {count(first)} to {count(last)}{" "}
        from left to right: the darker, the more values are there. They are looked at every few seconds of training, and
        kept with the run. A dead unit gives 0 for every example of a batch.
      </p>
    </section>
  )
}
