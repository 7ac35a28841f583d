import { NdArray } from "effect-neuron"
import type { View } from "../../../src/experiment/index.ts"
import { tokenizerOf } from "../../../src/experiment/tokens.ts"
import { NumberField } from "../controls/NumberField.tsx"
import { DrawPad } from "../inspect/DrawPad.tsx"
import { show } from "../inspect/own.ts"
import type { Described } from "../training/definition.ts"
import { Plane } from "./Plane.tsx"
import { SeriesField } from "./SeriesField.tsx"
import { TextEditor } from "./TextEditor.tsx"
import { limitsOf, readable, withValue } from "./values.ts"

const Row = ({ names, x }: { readonly names: ReadonlyArray<string>; readonly x: NdArray.NdArray }) => (
  <div class="fields row-fields">
    {names.map((name, i) => (
      <NumberField
        key={name}
        label={name}
        limits={limitsOf(x)}
        value={readable(x.data[i]!)}
        onChange={(value) => value !== undefined && show(withValue(x, i, value))}
      />
    ))}
  </div>
)

/** What a person does to make an input of one's own, by how inputs look. */
export const titles: { readonly [K in View["kind"]]?: string } = {
  image: "Draw an image",
  row: "Change its numbers",
  text: "Write a text",
  point: "Move the point",
  series: "Draw its course"
}

const arrayOf = (tree: NdArray.HostTree | undefined): NdArray.NdArray | undefined =>
  tree !== undefined && NdArray.isNdArray(tree) ? tree : undefined

/** What makes an input of one's own: it begins with the example that is shown, but for a drawing. */
export const Editor = ({ about, prediction, truth, view, x }: {
  readonly about: Described
  readonly view: View
  readonly x: NdArray.HostTree | undefined
  /** What the network gives for it, and what is true, where that is known. */
  readonly prediction: NdArray.HostTree | undefined
  readonly truth: NdArray.HostTree | undefined
}) => {
  const array = arrayOf(x)
  if (view.kind === "image") {
    const shape = about.shapes.x as ReadonlyArray<number>, [height = 1, width = 1, channels = 1] = shape
    return <DrawPad key={shape.join()} {...{ height, width, channels, shape }} range={view.range} example={array} />
  }
  if (array === undefined) return null
  switch (view.kind) {
    case "row":
      return <Row names={view.names} x={array} />
    case "text":
      return <TextEditor tokenizer={tokenizerOf(view)} x={array} />
    case "point":
      return <Plane about={about} ranges={view.ranges} x={array} />
    case "series":
      return (
        <SeriesField
          view={view}
          names={view.names}
          x={array}
          target={about.show?.target}
          prediction={arrayOf(prediction)}
          truth={arrayOf(truth)}
        />
      )
    case "class":
      return null
  }
}
