import { Pixels } from "../inspect/Pixels.tsx"
import type { Column } from "./graph.ts"
import { nameOf } from "./graph.ts"
import { numbersOf } from "./numbers.ts"

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
  const { height, join, kernel, kind, takes, width } = column, { map, rows: numbers, weights } = numbersOf(column, unit)
  const rows: ReadonlyArray<readonly [string, string]> = [
    ...numbers,
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
