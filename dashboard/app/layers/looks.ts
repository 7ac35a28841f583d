import type { Distribution, Distributions } from "effect-neuron/remote"
import { append, cutAfter, empty } from "../state/series.ts"
import type { Series } from "../state/series.ts"

/** What there is a distribution of. */
export const kinds = ["weights", "gradients", "activations"] as const
export type Kind = (typeof kinds)[number]

/** How a training looked from inside, again and again: plain data, which is kept with its run. */
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

// One takes some two hundred bytes, and all are written with each checkpoint; there are at least so many looks.
const DISTRIBUTIONS = 3000, LEAST = 8

/** How many looks there may be that have as many distributions as one has. */
export const limitOf = (look: Distributions): number => {
  const each = kinds.reduce((sum, kind) => sum + Object.keys(look[kind]).length, 0)
  return Math.max(LEAST, Math.min(LIMIT, Math.floor(DISTRIBUTIONS / Math.max(1, each))))
}

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

/** Leaves out what was seen after a step: it is going to be trained again. */
export const forgetLooksAfter = (looks: Looks, step: number): void => {
  looks.all = looks.all.filter((look) => look.step <= step)
  for (const series of [looks.change, looks.dead]) cutAfter(series, step)
}

/**
 * Adds a look; what was seen of the same step or later ones was of a training that has begun again before them. When
 * there are more than {@link limitOf} says, every other one goes.
 */
export const addLook = (looks: Looks, seen: Distributions): void => {
  const { change, dead } = looks, look = ofLearning(seen)
  forgetLooksAfter(looks, look.step - 1)
  append(dead, look.step, column(look.activations, ({ dead }) => dead))
  if (look.steps > 0) {
    append(change, look.step, column(look.weights, (found) => found.change && found.change / look.steps))
  }
  const [before, last] = looks.all.slice(-2)
  if (last !== undefined && before !== undefined && last.step - before.step < looks.stride) looks.all.pop()
  looks.all.push(look)
  const limit = limitOf(look)
  if (looks.all.length <= limit) return
  looks.stride = 2 * Math.ceil((look.step - looks.all[0]!.step) / limit)
  looks.all = looks.all.filter((_, i) => i % 2 === 0 || i === looks.all.length - 1)
}
