import type { NdArray } from "effect-neuron"
import type { Join, Stage } from "./stages.ts"

type Arr = NdArray.NdArray

/** One layer of the picture: the units of a vector, or the maps of an image, with what they give for one example. */
export interface Column {
  /** The path of the layer whose weights lead to it; `input` for what the model is given. */
  readonly path: string
  /** The network that it belongs to, where there are several. */
  readonly network: string
  readonly kind: "units" | "maps"
  /** The number of units or maps, of which `shown` are in the picture. */
  readonly size: number
  readonly shown: ReadonlyArray<number>
  /** Of a map, in pixels; 1 for a unit. */
  readonly height: number
  readonly width: number
  /** Row by row, the channels last. */
  readonly values: ArrayLike<number>
  readonly kernel: Arr | undefined
  readonly bias: Arr | undefined
  /** The columns whose outputs it is given, all of them at lower levels. */
  readonly takes: ReadonlyArray<number>
  /** How what it takes becomes one. */
  readonly join: Join | undefined
  /** On the longest way from the inputs, how many columns there are before it. */
  readonly level: number
}

/** The name of a column among those of all networks. */
export const nameOf = ({ join, network, path }: Column): string =>
  `${network === "" ? path : `${network} ${path}`}${join === undefined ? "" : `, ${join}`}`

/** How many units and maps of a layer are in the picture at most. */
export interface Most {
  readonly units: number
  readonly maps: number
}

const spread = (size: number, most: number): ReadonlyArray<number> =>
  size <= most
    ? Array.from({ length: size }, (_, i) => i)
    : Array.from({ length: most }, (_, i) => Math.round(i * (size - 1) / (most - 1)))

/** How many columns there are at the level of one. */
const crowded = ({ maps, units }: Most, columns: number): Most =>
  columns === 1
    ? { maps, units }
    : { maps: Math.max(3, Math.floor(1.4 * maps / columns)), units: Math.max(5, Math.floor(1.3 * units / columns)) }

const columnOf = (
  { bias, join, kernel, network = "", path, y: { data, shape } }: Stage,
  { level, takes }: Pick<Column, "level" | "takes">,
  most: Most
): Column => {
  const [, height = 1, width = 1, channels = 1] = shape, isImage = shape.length === 4
  const size = isImage ? channels : shape.slice(1).reduce((a, b) => a * b, 1)
  return {
    path,
    network,
    kind: isImage ? "maps" : "units",
    size,
    shown: spread(size, isImage ? most.maps : most.units),
    height: isImage ? height : 1,
    width: isImage ? width : 1,
    values: data,
    kernel,
    bias,
    join,
    takes,
    level
  }
}

/**
 * Whether what a layer gives is what the one before it gave in another form: of the same shape, or a vector as an
 * image.
 */
const isSame = ({ data, shape }: Arr, before: Arr): boolean =>
  shape.join() === before.shape.join() ||
  before.shape.length === 2 && shape.length === 4 && data.length === before.data.length

/**
 * Whether the weights of a layer are those of the units or maps that it shows, one row or filter for each. What does the
 * same at each position or step, or has gates, has weights that are of no unit alone.
 */
const areOfUnits = ({ shape }: Arr, x: Arr | undefined, y: Arr): boolean =>
  (shape.length === 2 || shape.length === 4) && y.shape.length === shape.length && y.shape.at(-1) === shape.at(-1) &&
  (shape.length === 2 ? x?.shape.length !== 3 : x === undefined || x.shape.at(-1) === shape[2])

const withOwnWeights = (stage: Stage, x: Arr | undefined): Stage =>
  stage.kernel === undefined || areOfUnits(stage.kernel, x, stage.y)
    ? stage
    : { ...stage, kernel: undefined, bias: undefined }

/** What takes of each stage, where it is: the places of others, and the end of the model. */
const takersOf = (stages: ReadonlyArray<Stage>, takes: ReadonlyArray<ReadonlyArray<number>>) => {
  const takers = stages.map((): Array<number> => [])
  takes.forEach((sources, i) => new Set(sources).forEach((source) => takers[source]!.push(i)))
  const isJoined = (i: number): boolean =>
    stages[i]!.isOutput === true ||
    takers[i]!.some((taker) => takes[taker]!.length > 1 || stages[taker]!.isPassing === true && isJoined(taker))
  return { isJoined, count: (i: number) => takers[i]!.length + (stages[i]!.isOutput === true ? 1 : 0) }
}

/**
 * The columns of a model's picture, from what is known of each layer for one example, before what takes it: one for
 * each input, each layer with a kernel, and where several things become one. What alone follows a layer and keeps its
 * shape, a rectifier say, or makes an image of its vector, is what that column shows; another layer that has no kernel,
 * pooling say, has no column, unless it is all that there is on a way to where several become one, or to the end.
 */
export const columnsOf = (stages: ReadonlyArray<Stage>, most: Most): ReadonlyArray<Column> => {
  const takes = stages.map(({ takes }, i) => takes ?? (i === 0 ? [] : [i - 1]))
  const { count, isJoined } = takersOf(stages, takes)
  const kept: Array<{ stage: Stage; readonly takes: ReadonlyArray<number>; readonly level: number }> = []
  // Of each stage its column, and whether nothing but it is made of what the column shows.
  const places: Array<number> = [], alone: Array<boolean> = []
  stages.forEach((stage, i) => {
    const [from, ...others] = takes[i]!, column = from === undefined ? undefined : kept[places[from]!]
    const isOnly = from !== undefined && alone[from]! && count(from) === 1
    const isLayer = stage.kernel !== undefined || stage.isApart === true || others.length > 0
    if (column !== undefined && !isLayer) {
      const isShown = isOnly && isSame(stage.y, column.stage.y)
      if (isShown) column.stage = { ...column.stage, y: stage.y }
      if (isShown || stage.isPassing === true || !isJoined(i)) {
        places.push(places[from!]!)
        alone.push(isOnly)
        return
      }
    }
    const sources = [...new Set(takes[i]!.map((source) => places[source]!))]
    places.push(kept.length)
    alone.push(true)
    const given = withOwnWeights(stage, from === undefined ? undefined : stages[from]!.y)
    kept.push({
      stage: given,
      takes: sources,
      level: Math.max(-1, ...sources.map((source) => kept[source]!.level)) + 1
    })
  })
  const levels = new Map<number, number>()
  for (const { level } of kept) levels.set(level, (levels.get(level) ?? 0) + 1)
  return kept.map((column) => columnOf(column.stage, column, crowded(most, levels.get(column.level)!)))
}
