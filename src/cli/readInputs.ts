import { Effect, FileSystem, Stream } from "effect"
import { Csv } from "effect/encoding"
import { DataError } from "../core/errors.ts"
import { fileError } from "../core/files.ts"
import * as NdArray from "../core/NdArray.ts"
import type { HostTree } from "../core/NdArray.ts"
import { format } from "../core/Shape.ts"
import type { ShapeTree } from "../core/Shape.ts"
import type { About, View } from "../experiment/index.ts"
import { readImage } from "./readImage.ts"

/** An input of a model, and what it is called. */
export interface Input {
  readonly name: string
  readonly x: HostTree
}

type Read<A> = Effect.Effect<A, DataError, FileSystem.FileSystem>

const wrong = (source: string, expected: string, actual: string) => new DataError({ source, expected, actual })

const textOf = (path: string): Read<string> =>
  Effect.flatMap(
    FileSystem.FileSystem,
    (files) => Effect.mapError(files.readFileString(path), fileError(path, "a file of inputs"))
  )

interface Records {
  /** The names of the columns, where the first record has no numbers. */
  readonly heads: ReadonlyArray<string> | undefined
  readonly rows: ReadonlyArray<ReadonlyArray<string>>
}

/** The records of a CSV file. */
const records = (path: string): Read<Records> =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    const bytes = yield* Effect.mapError(files.readFile(path), fileError(path, "a file of inputs"))
    const rows: ReadonlyArray<ReadonlyArray<string>> = yield* Stream.make(bytes).pipe(
      Stream.pipeThroughChannel(Csv.decode({ headers: false })),
      Stream.runCollect,
      Effect.mapError(({ line, message }) => wrong(`${path}, line ${line}`, "a record of CSV", message))
    )
    const [first = []] = rows
    const isHead = first.length > 0 && first.every((cell) => cell.trim() === "" || Number.isNaN(Number(cell)))
    return isHead ? { heads: first.map((cell) => cell.trim()), rows: rows.slice(1) } : { heads: undefined, rows }
  })

const number = (source: string, cell: string): Effect.Effect<number, DataError> => {
  const value = cell.trim() === "" ? NaN : Number(cell)
  return Number.isFinite(Math.fround(value))
    ? Effect.succeed(value)
    : Effect.fail(wrong(source, "a number", JSON.stringify(cell.slice(0, 60))))
}

/** The numbers of the columns that are named, of each record; by place where the file has no names. */
const table = (path: string, names: ReadonlyArray<string>): Read<ReadonlyArray<Float32Array>> =>
  Effect.gen(function*() {
    const { heads, rows } = yield* records(path)
    if (rows.length === 0) return yield* wrong(path, "rows of numbers", "none")
    if (heads === undefined && rows[0]!.length !== names.length) {
      return yield* wrong(path, `${names.length} columns: ${names.join(", ")}`, `${rows[0]!.length}`)
    }
    if (rows.length === 0) return yield* wrong(path, "rows of numbers", "none")
    const missing = names.filter((name) => heads !== undefined && !heads.includes(name))
    // Names of which none is known stand for nothing but places.
    // Where none of the names is known they say nothing, and the places count.
    if (missing.length > 0 && (missing.length < names.length || heads!.length !== names.length)) {
      return yield* wrong(path, `a column ${missing[0]}`, `the columns ${heads!.join(", ")}`)
    }
    const places = names.map((name, i) => missing.length > 0 ? i : heads?.indexOf(name) ?? i)
    const from = heads === undefined ? 1 : 2, width = heads?.length ?? names.length
    const uneven = rows.findIndex((row) => row.length !== width)
    if (uneven >= 0) {
      return yield* wrong(`${path}, row ${uneven + from}`, `${width} cells`, String(rows[uneven]!.length))
    }
    return yield* Effect.forEach(rows, (row, i) =>
      Effect.map(
        Effect.forEach(places, (at) => number(`${path}, row ${i + from}, ${names[places.indexOf(at)]}`, row[at] ?? "")),
        (values) => Float32Array.from(values)
      ))
  })

const isShape = (shape: ShapeTree): shape is ReadonlyArray<number | null> =>
  Array.isArray(shape) && shape.every((n) => n === null || typeof n === "number")

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
const jsonInputs = (path: string, shape: ShapeTree): Read<ReadonlyArray<Input>> =>
  Effect.gen(function*() {
    const text = yield* textOf(path)
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

/** Tokens of a text: of those that fit at a place the longest one. */
const tokensOf = (text: string, vocabulary: ReadonlyArray<string>): Effect.Effect<Int32Array, DataError> => {
  const byLength = vocabulary.map((token, i) => [token, i] as const).toSorted(([a], [b]) => b.length - a.length)
  const found: Array<number> = []
  for (let at = 0; at < text.length;) {
    const [token, i] = byLength.find(([token]) => token !== "" && text.startsWith(token, at)) ?? []
    if (token === undefined) {
      return Effect.fail(wrong(`character ${at + 1} of the text`, "one of the vocabulary", JSON.stringify(text[at])))
    }
    found.push(i!)
    at += token.length
  }
  return Effect.succeed(Int32Array.from(found))
}

const textInput = (text: string, name: string, shape: ShapeTree, vocabulary: ReadonlyArray<string>) =>
  Effect.flatMap(tokensOf(text, vocabulary), (tokens): Effect.Effect<Input, DataError> => {
    const [length] = isShape(shape) ? shape : []
    return length === null || length === undefined || length === tokens.length
      ? Effect.succeed({ name, x: { data: tokens, shape: [tokens.length] } })
      : Effect.fail(wrong(name, `${length} tokens`, String(tokens.length)))
  })

/** What one argument means, by how an input is looked at. */
const inputsOf = (
  argument: string,
  view: View | undefined,
  shape: ShapeTree,
  invert: boolean
): Read<ReadonlyArray<Input>> => {
  if (/\.jsonl?$/i.test(argument)) return jsonInputs(argument, shape)
  switch (view?.kind) {
    case "image":
      return Effect.map(
        readImage(argument, { shape: shape as ReadonlyArray<number | null>, range: view.range, invert }),
        (x) => [{ name: argument, x }]
      )
    case "text":
      return argument.endsWith(".txt")
        ? Effect.flatMap(
          textOf(argument),
          (text) => Effect.map(textInput(text, argument, shape, view.vocabulary), (x) => [x])
        )
        : Effect.map(textInput(argument, JSON.stringify(argument), shape, view.vocabulary), (x) => [x])
    case "row":
    case "point": {
      const names = view.kind === "row" ? view.names : ["x", "y"]
      return Effect.map(
        table(argument, names),
        (rows) =>
          rows.map((data, i) => ({ name: `${argument}:${i + 1}`, x: { data, shape: shape as ReadonlyArray<number> } }))
      )
    }
    case "series":
      return Effect.flatMap(table(argument, view.names), (rows) => {
        const [length = null, ...channels] = shape as ReadonlyArray<number | null>
        const data = Float32Array.from(rows.flatMap((row) => Array.from(row)))
        const found = channels.length === 0 ? [rows.length] : [rows.length, view.names.length]
        return length === null || length === rows.length
          ? Effect.succeed([{ name: argument, x: { data, shape: found } }])
          : Effect.fail(wrong(argument, `${length} rows, one for each moment`, String(rows.length)))
      })
    default:
      return Effect.fail(wrong(argument, "a file of JSON lines, .jsonl or .json", "another one"))
  }
}

/**
 * The inputs that arguments mean, by how those of an experiment are looked at: PNG and JPEG files for images, CSV files for rows,
 * points and series, texts or .txt files for texts; for all of them `.jsonl` and `.json` files with lists of numbers.
 */
export const readInputs = (
  args: ReadonlyArray<string>,
  { shapes, show }: Pick<About, "shapes" | "show">,
  { invert }: { readonly invert: boolean }
): Read<ReadonlyArray<Input>> =>
  Effect.map(
    Effect.forEach(args, (argument) => inputsOf(argument, show?.input, shapes.x, invert)),
    (found) => found.flat()
  )
