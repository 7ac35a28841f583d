import { NdArray } from "effect-neuron"
import type { View } from "../../../src/experiment/index.ts"
import { TextField } from "../controls/Fields.tsx"
import { NumberField } from "../controls/NumberField.tsx"
import { DrawPad } from "../inspect/DrawPad.tsx"
import { show } from "../inspect/own.ts"
import type { Described } from "../training/definition.ts"
import { Plane } from "./Plane.tsx"
import { fitted, textOf, tokensOf, withValue } from "./values.ts"

const number = { type: "number" } as const

const readable = (value: number): number => Number(value.toPrecision(6))

const Row = ({ names, x }: { readonly names: ReadonlyArray<string>; readonly x: NdArray.NdArray }) => (
  <div class="fields row-fields">
    {names.map((name, i) => (
      <NumberField
        key={name}
        label={name}
        limits={number}
        value={readable(x.data[i]!)}
        onChange={(value) => value !== undefined && show(withValue(x, i, value))}
      />
    ))}
  </div>
)

const Text = ({ vocabulary, x }: { readonly vocabulary: ReadonlyArray<string>; readonly x: NdArray.NdArray }) => {
  const length = x.data.length
  return (
    <TextField
      label={`A text of ${length} tokens`}
      hint={`Of ${vocabulary.length} tokens, such as ${
        vocabulary.slice(0, 6).map((token) => JSON.stringify(token)).join(", ")
      }.`}
      text={textOf(x.data, vocabulary)}
      read={(text) => {
        const { tokens, unknown } = tokensOf(text, vocabulary)
        return unknown.length === 0
          ? { value: tokens }
          : {
            problem: `The vocabulary does not have ${[...new Set(unknown)].map((it) => JSON.stringify(it)).join(", ")}.`
          }
      }}
      onChange={(tokens) => show({ data: fitted(tokens, length), shape: x.shape })}
    />
  )
}

/** What a person does to make an input of one's own, by how inputs look. */
export const titles: { readonly [K in View["kind"]]?: string } = {
  image: "Draw an image",
  row: "Change its numbers",
  text: "Write a text",
  point: "Move the point"
}

/** What makes an input of one's own: it begins with the example that is shown, but for a drawing. */
export const Editor = ({ about, view, x }: {
  readonly about: Described
  readonly view: View
  readonly x: NdArray.HostTree | undefined
}) => {
  if (view.kind === "image") {
    const shape = about.shapes.x as ReadonlyArray<number>, [height = 1, width = 1, channels = 1] = shape
    return <DrawPad key={shape.join()} {...{ height, width, channels, shape }} range={view.range} />
  }
  if (x === undefined || !NdArray.isNdArray(x)) return null
  switch (view.kind) {
    case "row":
      return <Row names={view.names} x={x} />
    case "text":
      return <Text vocabulary={view.vocabulary} x={x} />
    case "point":
      return <Plane about={about} ranges={view.ranges} x={x} />
    default:
      return null
  }
}
