import { add, concat, pad, zeros } from "@tensorflow/tfjs-core"
import type { Tensor } from "@tensorflow/tfjs-core"

/**
 * A gradient of which all but a part is zero. The walk over the tape keeps the parts of a tensor until it has all of
 * them, and joins them at once: n slices of a tensor would otherwise be padded to its size n times, and added up as
 * often.
 */
export interface Part<Place = unknown> {
  /** What the part is made of: the incoming gradient first. */
  readonly tensors: ReadonlyArray<Tensor>
  readonly place: Place
  /** The whole gradient, of parts that have this function in common. */
  join(parts: ReadonlyArray<Part<Place>>): Tensor
}

/** What a gradient function gives for an input: the gradient, when it is called, and perhaps the part that it is of. */
export interface Partial extends Callable {
  readonly part: () => Part
}

type Callable = () => Tensor

/** The gradient of an input as a part of it. */
export const partial = <Place>(part: () => Part<Place>): Partial =>
  Object.assign(() => {
    const only = part()
    return only.join([only])
  }, { part })

export const isPartial = (gradient: Callable): gradient is Partial => "part" in gradient

/** Where a slice begins in a tensor of which shape. */
interface Box {
  readonly begin: ReadonlyArray<number>
  readonly whole: ReadonlyArray<number>
}

/** The gradient of a slice: its own in its place, and zeros around it. */
export const slicePart = (dy: Tensor, box: Box): Part<Box> => ({ tensors: [dy], place: box, join: joinSlices })

const joinSlices = (parts: ReadonlyArray<Part<Box>>): Tensor => {
  const { whole } = parts[0]!.place
  const pieces = parts.flatMap(({ place: { begin }, tensors: [dy] }) => dy!.size === 0 ? [] : [{ x: dy!, begin }])
  if (pieces.length === 0) return zeros([...whole])
  if (pieces.length > 1) return filled(pieces, whole, 0)
  const { begin, x } = pieces[0]!
  return pad(x, x.shape.map((n, axis): [number, number] => [begin[axis]!, whole[axis]! - begin[axis]! - n]))
}

interface Piece {
  readonly x: Tensor
  readonly begin: ReadonlyArray<number>
}

/** Pieces that lie in one interval of an axis, and what they come to, whole in the axes behind it. */
interface Group {
  readonly begin: number
  readonly end: number
  readonly pieces: Array<Piece>
}

/**
 * The sum of pieces that are of one interval in each axis before `axis`, whole from there on. Intervals that do not
 * overlap are laid side by side, those that do in layers: what is written is as much as the pieces hold, and once the
 * whole.
 */
const filled = (pieces: ReadonlyArray<Piece>, whole: ReadonlyArray<number>, axis: number): Tensor => {
  if (axis === whole.length) return pieces.map(({ x }) => x).reduce((a, b) => add(a, b))
  const groups = new Map<string, Group>()
  for (const piece of pieces) {
    const begin = piece.begin[axis]!, end = begin + piece.x.shape[axis]!, key = `${begin}:${end}`
    const group = groups.get(key)
    if (group === undefined) groups.set(key, { begin, end, pieces: [piece] })
    else group.pieces.push(piece)
  }
  const layers: Array<Array<Group>> = []
  for (const group of [...groups.values()].sort((a, b) => a.begin - b.begin)) {
    const layer = layers.find((groups) => groups.at(-1)!.end <= group.begin)
    if (layer === undefined) layers.push([group])
    else layer.push(group)
  }
  return layers.map((layer) => sideBySide(layer, whole, axis)).reduce((a, b) => add(a, b))
}

const sideBySide = (groups: ReadonlyArray<Group>, whole: ReadonlyArray<number>, axis: number): Tensor => {
  const parts: Array<Tensor> = []
  let at = 0
  const gap = (to: number, like: Tensor) => {
    if (to > at) parts.push(zeros(like.shape.map((n, a) => a === axis ? to - at : n)))
  }
  for (const { begin, end, pieces } of groups) {
    const part = filled(pieces, whole, axis + 1)
    gap(begin, part)
    parts.push(part)
    at = end
  }
  gap(whole[axis]!, parts[0]!)
  return parts.length === 1 ? parts[0]! : concat(parts, axis)
}
