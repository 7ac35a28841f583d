import { Images, Key, NdArray, Random } from "effect-neuron"
import { RANGE } from "../../../src/cli/gan/config.ts"
import { between } from "../../../src/train/adversarial/between.ts"
import type { Picture } from "../state/samples.ts"
import { makeStore } from "../state/store.ts"
import { classes, LATENT } from "../training/definition.ts"

/** Where in the noise a person looks, and at which digit. */
export interface Place {
  readonly digit: number
  /** The two points of the noise that the way leads between, each a function of a number. */
  readonly from: number
  readonly to: number
  /** How far on the way, from 0 to 1. */
  readonly t: number
  /** One of the numbers of the noise, and the value that it is set to by hand. */
  readonly number: number
  readonly changed: number | undefined
}

export const place = makeStore<Place>({ digit: 3, from: 1, to: 2, t: 0, number: 0, changed: undefined })

/** Two points that have not been looked at. */
export const newPoints = (): void => {
  const { to } = place.get()
  place.set({ from: to + 1, to: to + 2, t: 0, changed: undefined })
}

const point = (seed: number): Float32Array => Random.normal(Key.make(seed), LATENT)

/** What a conditional generator takes: noise, a row for each digit to draw, and the digits. */
export interface Asked {
  readonly x: NdArray.NdArray
  readonly y: NdArray.NdArray
}

const asked = (rows: ReadonlyArray<Float32Array>, digits: ReadonlyArray<number>): Asked => {
  const x = new Float32Array(rows.length * LATENT)
  rows.forEach((row, i) => x.set(row, i * LATENT))
  return { x: NdArray.make(x, [rows.length, LATENT]), y: NdArray.make(Int32Array.from(digits), [rows.length]) }
}

/** The noise at places of the way of a {@link Place}, with what is set by hand. */
export const onTheWay = ({ changed, digit, from, number, to }: Place, places: ReadonlyArray<number>): Asked => {
  const at = between(point(from), point(to))
  const rows = places.map((t) => {
    const row = at(t)
    if (changed !== undefined) row[number] = changed
    return row
  })
  return asked(rows, rows.map(() => digit))
}

const ROWS = 5

/** The same noise at every step of a run, for a grid of all digits: those of a row differ in nothing else. */
export const gridOf = (seed: number): Asked => {
  const rows = Array.from({ length: ROWS }, (_, row) => Random.normal(Key.fold(Key.make(seed), row), LATENT))
  return asked(rows.flatMap((row) => classes.map(() => row)), rows.flatMap(() => classes.map((_, digit) => digit)))
}

/** Generated images as one picture. */
export const toPicture = (images: NdArray.NdArray, columns: number): Picture => {
  const { data, shape: [height = 0, width = 0] } = Images.grid(images, { columns, range: RANGE })
  return { data: data as Uint8Array, height, width }
}
