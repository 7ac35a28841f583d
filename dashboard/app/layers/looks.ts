import type { Distribution, Distributions } from "effect-neuron/remote"
import { append, cutAfter, empty } from "../state/series.ts"
import type { Series } from "../state/series.ts"

/** What there is a distribution of. */
export const kinds = ["weights", "gradients", "activations"] as const
export type Kind = (typeof kinds)[number]

/** How a training looked from inside, again and again: as long as the page is open. */
export interface Looks {
  /** Rising by their steps. */
  all: Array<Distributions>
  /** How many steps, at least, lie between two of them, the last one left out. */
  stride: number
  /** By layer, the share of units that are dead. */
  readonly dead: Series
  /** By path, how much weights change in a step, in parts of them. */
  readonly change: Series
}

/** At most so many: a strip is a few hundred pixels wide. */
export const LIMIT = 80

export const noLooks = (): Looks => ({ all: [], stride: 1, dead: empty(), change: empty() })

/** A number of each path that has one. */
const column = (
  distributions: { readonly [path: string]: Distribution },
  of: (distribution: Distribution) => number | undefined
): { readonly [path: string]: number } =>
  Object.fromEntries(
    Object.entries(distributions).flatMap(([path, distribution]) => {
      const value = of(distribution)
      return value === undefined ? [] : [[path, value]]
    })
  )

/** The layers that come behind the first one with weights: pixels that are never bright are no dead units. */
const behindWeights = ({ activations, weights }: Distributions): ReadonlySet<string> => {
  const layers = Object.keys(activations), paths = Object.keys(weights)
  const first = layers.findIndex((layer) => paths.some((path) => path.startsWith(`${layer}.`)))
  return new Set(first < 0 ? [] : layers.slice(first))
}

/** The same look, which calls only units dead that learn. */
const ofLearning = (look: Distributions): Distributions => {
  const learning = behindWeights(look)
  return {
    ...look,
    activations: Object.fromEntries(
      Object.entries(look.activations).map(([path, { dead, ...found }]) => [
        path,
        dead === undefined || found.zeros === 0 || !learning.has(path) ? found : Object.assign(found, { dead })
      ])
    )
  }
}

/**
 * Adds a look; what was seen of the same step or later ones was of a training that has begun again before them. When
 * there are more than {@link LIMIT}, every other one goes.
 */
export const addLook = (looks: Looks, seen: Distributions): void => {
  const { change, dead } = looks, look = ofLearning(seen)
  looks.all = looks.all.filter(({ step }) => step < look.step)
  for (const series of [change, dead]) cutAfter(series, look.step - 1)
  append(dead, look.step, column(look.activations, ({ dead }) => dead))
  if (look.steps > 0) {
    append(change, look.step, column(look.weights, (found) => found.change && found.change / look.steps))
  }
  const [before, last] = looks.all.slice(-2)
  if (last !== undefined && before !== undefined && last.step - before.step < looks.stride) looks.all.pop()
  looks.all.push(look)
  if (looks.all.length <= LIMIT) return
  looks.stride = 2 * Math.ceil((look.step - looks.all[0]!.step) / LIMIT)
  looks.all = looks.all.filter((_, i) => i % 2 === 0 || i === looks.all.length - 1)
}

const found = new Map<string, Looks>()

/** What was seen of a run in this page. */
export const looksOf = (run: string): Looks => {
  const before = found.get(run)
  if (before !== undefined) return before
  const now = noLooks()
  found.set(run, now)
  return now
}
