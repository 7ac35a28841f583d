import { Key, NdArray, Random } from "effect-neuron"
import { between } from "../../../src/train/adversarial/between.ts"
import { makeStore } from "../state/store.ts"
import type { Described } from "../training/definition.ts"

/** Where in the noise a person looks, and at which class. */
export interface Place {
  readonly class: number
  /** The two points of the noise that the way leads between, each a function of a number. */
  readonly from: number
  readonly to: number
  /** How far on the way, from 0 to 1. */
  readonly t: number
  /** One of the numbers of the noise, and the value that it is set to by hand. */
  readonly number: number
  readonly changed: number | undefined
}

export const place = makeStore<Place>({ class: 0, from: 1, to: 2, t: 0, number: 0, changed: undefined })

/** Two points that have not been looked at. */
export const newPoints = (): void => {
  const { to } = place.get()
  place.set({ from: to + 1, to: to + 2, t: 0, changed: undefined })
}

/** The noise that a generator takes. */
export interface Noise {
  readonly shape: ReadonlyArray<number>
  /** How many numbers it has. */
  readonly size: number
  /** The classes that can be asked for; none of a generator that is told none. */
  readonly classes: ReadonlyArray<string>
}

/** The noise that the generator of an adversarial experiment takes, by its summary. */
export const noiseOf = ({ classes, networks }: Pick<Described, "classes" | "networks">): Noise | undefined => {
  const input = networks["generator"]?.rows[0]?.input
  if (input === undefined) return undefined
  const isTold = !Array.isArray(input), x = isTold ? (input as { readonly x?: unknown }).x : input
  if (!Array.isArray(x) || !x.every((n) => typeof n === "number")) return undefined
  return { shape: x, size: x.reduce((a, b) => a * b, 1), classes: isTold ? classes : [] }
}

/** The noise at places of the way of a {@link Place}, with what is set by hand, and its class if there are any. */
export const onTheWay = (
  { changed, class: label, from, number, to }: Place,
  places: ReadonlyArray<number>,
  { classes, shape, size }: Noise
): NdArray.HostTree => {
  const point = (seed: number): Float32Array => Random.normal(Key.make(seed), size)
  const at = between(point(from), point(to)), x = new Float32Array(places.length * size)
  places.forEach((t, i) => {
    const row = at(t)
    if (changed !== undefined && number < size) row[number] = changed
    x.set(row, i * size)
  })
  const noise = NdArray.make(x, [places.length, ...shape])
  if (classes.length === 0) return noise
  return { x: noise, y: NdArray.make(new Int32Array(places.length).fill(label % classes.length), [places.length]) }
}

/** One of the numbers of the noise, at a place of the way. */
export const numberAt = (now: Place, noise: Noise): number => {
  const asked = onTheWay(now, [now.t], noise),
    x = NdArray.isNdArray(asked) ? asked : (asked as { x: NdArray.NdArray }).x
  return x.data[Math.min(now.number, noise.size - 1)]!
}
