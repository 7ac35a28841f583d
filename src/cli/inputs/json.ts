import { Effect } from "effect"
import type { DataError } from "../../core/errors.ts"
import * as NdArray from "../../core/NdArray.ts"
import type { HostTree } from "../../core/NdArray.ts"
import { format, isShape } from "../../core/Shape.ts"
import type { ShapeTree } from "../../core/Shape.ts"
import { textIn, wrong } from "./input.ts"
import type { Input, Read } from "./input.ts"

/** The array that nested lists of finite numbers are; nothing for anything else. */
const arrayOf = (json: unknown): NdArray.NdArray | undefined => {
  try {
    const found = NdArray.make(json as number)
    return found.data.every(Number.isFinite) ? found : undefined
  } catch {
    return undefined
  }
}

/** How something begins in JSON, which may be nested deeper than the stack. */
const beginning = (json: unknown): string => {
  try {
    return JSON.stringify(json)?.slice(0, 60) ?? "nothing"
  } catch {
    return "lists that are nested too deep"
  }
}

/** A tree of arrays of some shapes from nested lists, as JSON has them. */
const arraysOf = (source: string, json: unknown, shape: ShapeTree): Effect.Effect<HostTree, DataError> => {
  if (isShape(shape)) {
    return Effect.suspend(() => {
      const found = arrayOf(json)
      if (found === undefined) {
        return Effect.fail(wrong(source, `finite numbers ${format(shape)} in lists`, beginning(json)))
      }
      const fits = found.shape.length === shape.length && shape.every((n, i) => n === null || n === found.shape[i])
      return fits
        ? Effect.succeed(found)
        : Effect.fail(wrong(source, `numbers ${format(shape)}`, format(found.shape)))
    })
  }
  if (typeof json !== "object" || json === null || Array.isArray(json)) {
    return Effect.fail(wrong(source, "a record", beginning(json)))
  }
  const given = json as { readonly [name: string]: unknown }
  return Effect.map(
    Effect.all(Object.fromEntries(
      Object.entries(shape).map((
        [name, part]
      ) => [
        name,
        arraysOf(`${source}.${name}`, Object.hasOwn(given, name) ? given[name] : undefined, part as ShapeTree)
      ])
    )),
    (tree): HostTree => tree
  )
}

/** The inputs in JSON lines, or in a file that is one list of them. */
export const jsonInputs = (path: string, shape: ShapeTree): Read<ReadonlyArray<Input>> =>
  Effect.gen(function*() {
    const text = yield* textIn(path)
    const parse = (part: string, source: string) =>
      Effect.try({ try: () => JSON.parse(part) as unknown, catch: () => wrong(source, "JSON", part.slice(0, 60)) })
    const lines = text.split("\n").map((line, i) => ({ line, name: `${path}:${i + 1}` })).filter(({ line }) =>
      line.trim() !== ""
    )
    const values = /\.json$/i.test(path)
      ? yield* Effect.flatMap(parse(text, path), (found) =>
        Array.isArray(found)
          ? Effect.succeed(found.map((value: unknown, i) => ({ value, name: `${path}[${i}]` })))
          : Effect.fail(wrong(path, "a list of inputs", typeof found)))
      : yield* Effect.forEach(lines, ({ line, name }) => Effect.map(parse(line, name), (value) => ({ value, name })))
    if (values.length === 0) return yield* wrong(path, "a line of lists for each input", "none")
    return yield* Effect.forEach(values, ({ name, value }) =>
      Effect.map(arraysOf(name, value, shape), (x) => ({ name, x })))
  })
