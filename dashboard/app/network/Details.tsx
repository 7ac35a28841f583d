import { format } from "../charts/palette.ts"
import { Pixels } from "../inspect/Pixels.tsx"
import { strength } from "./edges.ts"
import type { Column } from "./graph.ts"
import { nameOf } from "./graph.ts"

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

const MOST_FILTERS = 16

/** The weights as pictures: over the input's pixels, or a filter for each input map. */
const Pictures = ({ left, kernel, weights }: {
  readonly left: Column
  readonly kernel: NonNullable<Column["kernel"]>
  readonly weights: Float32Array
}) => {
  const isFilter = kernel.shape.length === 4, inputs = isFilter ? kernel.shape[2]! : left.size
  const isImage = !isFilter && left.kind === "maps" && left.size * left.height * left.width === weights.length
  if (!isFilter && !isImage) return null
  const [height, width] = isFilter ? [kernel.shape[0]!, kernel.shape[1]!] : [left.height, left.width]
  const most = Math.max(...weights.map(Math.abs)) || 1
  return (
    <figure>
      <div class="pictures">
        {Array.from({ length: Math.min(inputs, MOST_FILTERS) }, (_, channel) => (
          <Pixels
            key={channel}
            label={`weights from map ${channel}`}
            size={inputs === 1 ? 140 : 48}
            height={height}
            width={width}
            values={Float32Array.from({ length: height * width }, (_, i) => weights[i * inputs + channel]! / most)}
            diverging
          />
        ))}
      </div>
      <figcaption class="muted">
        {isFilter ? "filters, one for each input map" : "weights over the input"}
        {inputs > MOST_FILTERS ? `, ${MOST_FILTERS} of ${inputs}` : ""}
      </figcaption>
    </figure>
  )
}

/** The numbers of one unit or map. */
export const Details = ({ columns, selected }: {
  readonly columns: ReadonlyArray<Column>
  readonly selected: { readonly column: number; readonly place: number }
}) => {
  const column = columns[selected.column], left = columns[column?.takes[0] ?? -1]
  const unit = column?.shown[selected.place]
  if (column === undefined || unit === undefined) return null
  const { bias, height, join, kernel, kind, size, takes, values, width } = column
  const map = Float32Array.from({ length: height * width }, (_, i) => values[i * size + unit]!)
  const weights = kernel === undefined ? undefined : incoming(column, kernel, unit)
  const rows: ReadonlyArray<readonly [string, string]> = [
    kind === "units" ? ["activation", format(map[0])] : ["mean activation", format(mean(map))],
    ...(bias === undefined ? [] : [["bias", format(bias.data[unit])] as const]),
    ...(weights === undefined ? [] : summary(weights)),
    ...(join === undefined
      ? []
      : takes.map((source, i) => [i === 0 ? `${join} of` : "and", nameOf(columns[source]!)] as const))
  ]
  return (
    <div class="details">
      <h3>{nameOf(column)}, {kind === "units" ? "unit" : "map"} {unit}</h3>
      <table>
        <tbody>
          {rows.map(([name, value]) => (
            <tr key={`${name} ${value}`}>
              <th scope="row">{name}</th>
              <td>{value}</td>
            </tr>
          ))}
        </tbody>
      </table>
      {kind === "maps"
        ? <Pixels label={`${nameOf(column)}, map ${unit}`} size={140} height={height} width={width} values={map} />
        : null}
      {left === undefined || kernel === undefined || weights === undefined
        ? null
        : <Pictures left={left} kernel={kernel} weights={weights} />}
    </div>
  )
}
