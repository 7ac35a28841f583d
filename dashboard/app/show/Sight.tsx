import { NdArray } from "effect-neuron"
import type { View } from "../../../src/experiment/index.ts"
import { fits, viewOf } from "../../../src/experiment/show.ts"
import { tokenizerOf } from "../../../src/experiment/tokens.ts"
import { format } from "../charts/palette.ts"
import { Pixels } from "../inspect/Pixels.tsx"
import { coursesOf } from "./courses.ts"
import { Lines } from "./Lines.tsx"

/** One array, as its experiment says that it is looked at where it fits that; small ones have room in a list. */
export const Sight = ({ label, size, value, view: told }: {
  readonly value: NdArray.HostTree | undefined
  readonly view: View | undefined
  readonly label: string
  readonly size: "small" | "large"
}) => {
  if (value === undefined) return null
  if (!NdArray.isNdArray(value) || told === undefined) {
    return <p class="muted">Its experiment does not say how it looks.</p>
  }
  const { data, shape } = value, view = fits(told, shape) ? told : viewOf(value)!
  switch (view.kind) {
    case "image": {
      const [height = 1, width = 1, channels = 1] = shape
      return (
        <Pixels
          label={label}
          size={size === "small" ? 56 : 168}
          height={height}
          width={width}
          channels={channels}
          range={channels >= 3 ? view.range : undefined}
          values={data}
        />
      )
    }
    case "row":
    case "point": {
      const names = view.kind === "row" ? view.names : ["x", "y"]
      if (size === "small") {
        return <span class="row-sight">{names.map((name, i) => `${name} ${format(data[i])}`).join(", ")}</span>
      }
      return (
        <table class="row-table">
          <tbody>
            {names.map((name, i) => (
              <tr key={name}>
                <th scope="row">{name}</th>
                <td>{format(data[i])}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )
    }
    case "text":
      return <p class="text-sight">{tokenizerOf(view).decode(data)}</p>
    case "series":
      return <Lines label={label} size={size} courses={coursesOf(view.names, value)} />
    case "class":
      return <span>{view.classes[data[0]!] ?? String(data[0])}</span>
  }
}
