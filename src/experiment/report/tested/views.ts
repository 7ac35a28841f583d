import type { HostTree, NdArray } from "../../../core/NdArray.ts"
import { isNdArray } from "../../../core/NdArray.ts"
import { classProbabilities } from "../../../core/softmax.ts"
import { encodePng } from "../../../images/png.ts"
import type { Tokenizer } from "../../../text/Tokenizer.ts"
import { fits, viewOf } from "../../show.ts"
import type { View } from "../../show.ts"
import { likeliestText, tokenizerOf } from "../../tokens.ts"
import { linearAxis } from "../axis.ts"
import { extent } from "../extent.ts"
import { html, pngAddress } from "../html.ts"
import type { Html, Part } from "../html.ts"
import { short } from "../numbers.ts"

const LARGEST = 128,
  SHOWN = 84,
  MOST_TOKENS = 400,
  MOST_ROWS = 12,
  MOST_POINTS = 160,
  WIDTH = 160,
  HEIGHT = 84,
  EDGE = 6

/** What is looked at: an array, or two of one kind, the second of which was predicted; and what it is, in words. */
export interface Looked {
  /** Unlike that of anything else on the page. */
  readonly id: string
  readonly words: string
  readonly predicted?: NdArray
}

/** How arrays of a tree are looked at, by their names; as is said where that fits, else as their shapes say. */
export const lookAt = (tree: HostTree, view: View | undefined, looked: Looked): Html => {
  if (!isNdArray(tree)) {
    return html`${
      Object.entries(tree).map(([name, part]) =>
        html`<span class="part"><small>${name}</small> ${
          lookAt(part, undefined, {
            id: `${looked.id}-${name.replaceAll(/\W/g, "-")}`,
            words: `${looked.words}, ${name}`
          })
        }</span>`
      )
    }`
  }
  const found = view !== undefined && isOf(view, tree) ? view : viewOf(tree)!
  switch (found.kind) {
    case "image":
      return image(tree, found.range, looked)
    case "series":
      return series(tree, looked)
    case "point":
      return point(tree, found.ranges, looked)
    case "text":
      return html`<q>${beginning(tree, tokenizerOf(found))}</q>`
    case "class":
      return html`<b>${found.classes[tree.data[0]!] ?? String(tree.data[0])}</b>`
    case "row":
      return row(tree, found.names, looked)
  }
}

/** Whether an array is what a view is of, or the scores of the tokens of a text. */
const isOf = (view: View, { data, shape }: NdArray): boolean =>
  data.length > 0 &&
  (fits(view, shape) ||
    (view.kind === "text" && shape.length === 2 && fits(view, [shape[0]!]) && shape[1] === tokenizerOf(view).size))

/** An image of bytes; of a large one every so many pixels. */
const image = ({ data, shape }: NdArray, [low, high]: readonly [number, number], { words }: Looked): Html => {
  const [height = 1, width = 1, channels = 1] = shape, every = Math.max(1, Math.ceil(Math.max(height, width) / LARGEST))
  const rows = Math.ceil(height / every), columns = Math.ceil(width / every)
  const bytes = new Uint8Array(rows * columns * channels), scale = 255 / (high - low || 1)
  for (let i = 0; i < bytes.length; i++) {
    const channel = i % channels, x = Math.floor(i / channels) % columns, y = Math.floor(i / channels / columns)
    const value = data[(y * every * width + x * every) * channels + channel]!
    bytes[i] = Math.min(255, Math.max(0, Math.round((value - low) * scale)))
  }
  const times = Math.max(1, Math.round(SHOWN / Math.max(rows, columns)))
  const png = pngAddress(encodePng({ data: bytes, shape: [rows, columns, channels] }))
  return html`<img src="${png}" width="${times * columns}" height="${times * rows}" alt="${words}"/>`
}

/** A drawing so small that it needs no axes. */
const small = ({ id, words }: Looked, title: string, square: boolean, content: Html): Html =>
  html`<svg class="small" viewBox="0 0 ${
    square ? HEIGHT : WIDTH
  } ${HEIGHT}" role="img" aria-labelledby="${id}-title ${id}-words"><title id="${id}-title">${title}</title><desc id="${id}-words">${words}</desc>${content}</svg>`

const tenth = (value: number): number => Math.round(10 * value) / 10

/** Numbers in the order of time as lines, at most three; what was predicted of the first one. */
const series = ({ data, shape: [length = 1, channels = 1] }: NdArray, looked: Looked): Html => {
  const { predicted } = looked, shown = Math.min(channels, predicted === undefined ? 3 : 1)
  const every = Math.max(1, Math.ceil(length / MOST_POINTS)), numbers = Array.from({ length }, (_, i) => i)
  const column = (values: ArrayLike<number>, channel: number) => numbers.map((i) => values[i * channels + channel]!)
  const same = predicted !== undefined && predicted.data.length === data.length
  const lines = [
    ...Array.from({ length: shown }, (_, channel) => column(data, channel)),
    ...(same ? [column(predicted.data, 0)] : [])
  ]
  const [low, high] = extent(lines.flat().filter(Number.isFinite)), axis = linearAxis(low, high)
  const x = (i: number) => tenth(EDGE + i / Math.max(1, length - 1) * (WIDTH - 2 * EDGE))
  const y = (value: number) => tenth(HEIGHT - EDGE - axis.at(value) * (HEIGHT - 2 * EDGE))
  return small(
    looked,
    `${length} numbers from ${short(low)} to ${short(high)}`,
    false,
    html`${
      lines.map((line, n) => {
        const points = line.flatMap((value, i) =>
          i % every === 0 && Number.isFinite(value) ? [`${x(i)} ${y(value)}`] : []
        )
        return points.length === 0
          ? undefined
          : html`<path class="${["line", "line second", "line third", "line"][n]!}" d="M${points.join("L")}${
            points.length === 1 ? "h0" : ""
          }"/>`
      })
    }`
  )
}

/** A point of the plane, and the predicted one. */
const point = (
  { data }: NdArray,
  [across, up]: readonly [readonly [number, number], readonly [number, number]],
  looked: Looked
): Html => {
  const x = linearAxis(...across), y = linearAxis(...up)
  const dot = (at: ArrayLike<number>, kind: string) => {
    const place = (share: number) => EDGE + Math.min(1, Math.max(0, share)) * (HEIGHT - 2 * EDGE)
    return html`<circle class="${kind}" cx="${tenth(place(x.at(at[0]!)))}" cy="${
      tenth(HEIGHT - place(y.at(at[1]!)))
    }" r="4"/>`
  }
  const cross = (axis: typeof x) => EDGE + Math.min(1, Math.max(0, axis.at(0))) * (HEIGHT - 2 * EDGE)
  return small(
    looked,
    `the point ${short(data[0]!)}, ${short(data[1]!)}`,
    true,
    html`<path class="grid" d="M${EDGE} ${tenth(HEIGHT - cross(y))}H${HEIGHT - EDGE}M${tenth(cross(x))} ${EDGE}V${
      HEIGHT - EDGE
    }"/>${dot(data, "dot")}${looked.predicted === undefined ? undefined : dot(looked.predicted.data, "dot second")}`
  )
}

/** The beginning of a text; of scores of tokens the highest. */
const beginning = ({ data, shape: [length = 1, scores] }: NdArray, tokenizer: Tokenizer): string => {
  const shown = Math.min(length, MOST_TOKENS), part = data.subarray(0, shown * (scores ?? 1))
  const text = scores === undefined ? tokenizer.decode(part) : likeliestText(part, tokenizer)
  return `${text}${shown < length ? "…" : ""}`
}

/** The numbers of a row by their names, with those that were predicted. */
const row = ({ data }: NdArray, names: ReadonlyArray<string>, { predicted, words }: Looked): Html => {
  const shown = Math.min(data.length, MOST_ROWS), isOne = data.length === 1 && predicted === undefined
  const cell = (values: ArrayLike<number>, i: number): Part => values[i] === undefined ? "" : short(values[i])
  if (isOne) return html`<b>${short(data[0]!)}</b>`
  return html`<table class="row"><caption>${words}</caption><tbody>${
    Array.from({ length: shown }, (_, i) =>
      html`<tr><th scope="row">${names[i] ?? String(i + 1)}</th><td>${cell(data, i)}</td>${
        predicted === undefined ? undefined : html`<td class="taken">${cell(predicted.data, i)}</td>`
      }</tr>`)
  }</tbody></table>${data.length > shown ? html`<small>and ${data.length - shown} more</small>` : undefined}`
}

/** The probabilities of classes by their logits, where a prediction is logits, or the one that tells two classes apart. */
export const probabilitiesOf = (prediction: HostTree, classes: number): ReadonlyArray<number> | undefined =>
  isNdArray(prediction) && classes > 1 &&
    (prediction.data.length === classes || (prediction.data.length === 1 && classes === 2))
    ? classProbabilities(prediction.data as ArrayLike<number>, classes)
    : undefined
