import { Cause, Effect, Exit, Latch } from "effect"
import { put } from "../inspect/put.ts"
import { mergeable } from "../metrics/parts.ts"
import type { Mergeable, WithMergeable } from "../metrics/parts.ts"
import type { TrainingMetrics } from "./training.ts"
import type { Point } from "./wire.ts"

/** How a watcher of a training is fed. */
export interface WatchOptions {
  /** How many steps, at least, an element stands for (default 1). */
  readonly every?: number
  /** The greatest number of elements that wait in the worker for a consumer that is slow (default 256). */
  readonly capacity?: number
  /**
   * What happens when they are that many. `"merge"` (the default): the training goes on, neighboring elements become
   * one, and as many again fit. `"wait"`: the training waits until the consumer has taken them.
   */
  readonly whenFull?: "merge" | "wait"
}

/** Elements between a training and one consumer, in bounded memory. */
export interface Feed<E> {
  readonly offer: (point: Point) => void
  /** Whether the training has to wait for the consumer; `room` waits. */
  readonly isFull: () => boolean
  readonly room: Effect.Effect<void>
  /** All elements that are there, as soon as there is one. */
  readonly take: Effect.Effect<readonly [Point, ...Array<Point>], E | Cause.Done>
  readonly end: (exit: Exit.Exit<void, E>) => void
  /** What waits, and stays. */
  readonly waiting: () => ReadonlyArray<Point>
}

const WEIGHT = "size"

/** The point of one step, with what its metrics were made of. */
export const pointOf = (metrics: TrainingMetrics): Point => {
  const out: { [name: string]: number | boolean } = {}
  for (const [name, value] of Object.entries(metrics)) put(out, name, value)
  const parts = metrics[mergeable]
  return { ...out, step: metrics.step, steps: 1, ...(parts && { [mergeable]: parts }) }
}

/** Two neighboring points as one: exactly where they know what they were made of. */
const merge = (a: Point, b: Point): Point => {
  const weightOf = (point: Point) => typeof point[WEIGHT] === "number" ? point[WEIGHT] : point.steps
  const wa = weightOf(a), wb = weightOf(b), share = wa + wb === 0 ? 0.5 : wb / (wa + wb)
  // What only the first says, such as a validation, stays.
  const { [mergeable]: before, ...out }: WithMergeable & { [name: string]: number | boolean } = a
  for (const [name, value] of Object.entries(b)) {
    const old = a[name]
    if (name === "step" || name === "epoch" || old === undefined) out[name] = value
    else if (typeof value === "boolean") out[name] = value || old === true
    else if (name === "steps" || name === WEIGHT) out[name] = Number(old) + value
    else out[name] = Number(old) + (value - Number(old)) * share
  }
  const after = b[mergeable]
  if (before === undefined || after === undefined) return out as Point
  const parts: { [name: string]: Mergeable } = {}
  for (const [name, now] of Object.entries(after)) {
    const old = before[name]
    parts[name] = old === undefined ? now : { ...now, parts: now.merge(old.parts, now.parts) }
    put(out, name, now.finish(parts[name].parts))
  }
  return { ...out, [mergeable]: parts } as Point
}

/**
 * Makes a feed, with elements to begin with. When a merging feed is full, neighbors become one and the number of steps
 * that each element stands for doubles, so that a slow consumer sees the whole course, evenly coarser.
 */
export const make = <E>(
  { capacity = 256, every = 1, whenFull = "merge" }: WatchOptions,
  first: ReadonlyArray<Point> = []
): Feed<E> => {
  let points: Array<Point> = []
  let stride = every
  let ended: Exit.Exit<void, E> | undefined
  const some = Latch.makeUnsafe(false), room = Latch.makeUnsafe(true)
  const merging = whenFull === "merge"

  const offer = (point: Point): void => {
    const last = points.at(-1)
    if (last !== undefined && last.steps + point.steps <= stride) points[points.length - 1] = merge(last, point)
    else points.push(point)
    if (merging && points.length > capacity) {
      stride *= 2
      points = points.reduce<Array<Point>>((out, next) => {
        const last = out.at(-1)
        if (last !== undefined && last.steps + next.steps <= stride) out[out.length - 1] = merge(last, next)
        else out.push(next)
        return out
      }, [])
    }
    if (!merging && points.length >= capacity) room.closeUnsafe()
    if (points.length > 1 || points[0]!.steps >= every) some.openUnsafe()
  }

  const take: Feed<E>["take"] = Effect.suspend(() => {
    // A last element that stands for too few steps yet is held back, unless there will be no more.
    const whole = ended === undefined && points.length > 0 && points.at(-1)!.steps < every ?
      points.length - 1
      : points.length
    if (whole > 0) {
      const taken = points.slice(0, whole)
      points = points.slice(whole)
      stride = every
      room.openUnsafe()
      return Effect.succeed(taken as [Point, ...Array<Point>])
    }
    if (ended !== undefined) return Exit.isSuccess(ended) ? Cause.done() : Effect.failCause(ended.cause)
    some.closeUnsafe()
    return Effect.andThen(some.await, take)
  })

  for (const point of first) offer(point)
  return {
    offer,
    isFull: () => !merging && points.length >= capacity,
    room: room.await,
    take,
    end: (exit) => {
      ended = exit
      some.openUnsafe()
      room.openUnsafe()
    },
    waiting: () => points
  }
}
