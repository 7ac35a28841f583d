import { format } from "../charts/palette.ts"
import { strength } from "./edges.ts"
import type { Column } from "./graph.ts"

const mean = (values: ArrayLike<number>): number =>
  Array.prototype.reduce.call(values, (a, b) => a + b, 0) as number / values.length

const summary = (values: Float32Array) => {
  const average = mean(values)
  return [
    ["weights", String(values.length)],
    ["mean", format(average)],
    ["deviation", format(Math.sqrt(mean(values.map((value) => (value - average) ** 2))))],
    ["least", format(values.reduce((a, b) => Math.min(a, b)))],
    ["greatest", format(values.reduce((a, b) => Math.max(a, b)))],
    ["norm", format(Math.abs(strength(values, 0, 1, values.length)))]
  ] as const
}

/** The weights that lead to one unit or map: of a vector that is shown as maps, those to all pixels of one. */
const incoming = (
  { kind, size }: Column,
  { data, shape }: NonNullable<Column["kernel"]>,
  unit: number
): Float32Array => {
  const outputs = shape.at(-1)!, stride = kind === "maps" && shape.length === 2 ? size : outputs
  return Float32Array.from({ length: data.length / stride }, (_, i) => data[i * stride + unit]!)
}

/** The numbers of one unit or map, by their names, and the weights that lead to it. */
export const numbersOf = (column: Column, unit: number) => {
  const { bias, height, kernel, kind, size, values, width } = column
  const map = Float32Array.from({ length: height * width }, (_, i) => values[i * size + unit]!)
  const weights = kernel === undefined ? undefined : incoming(column, kernel, unit)
  const rows: ReadonlyArray<readonly [name: string, value: string]> = [
    kind === "units" ? ["activation", format(map[0])] : ["mean activation", format(mean(map))],
    // One for each pixel is none of a map.
    ...(bias?.data.length === size ? [["bias", format(bias.data[unit])] as const] : []),
    ...(weights === undefined ? [] : summary(weights))
  ]
  return { map, weights, rows }
}
