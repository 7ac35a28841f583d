import { Effect, FileSystem, Stream } from "effect"
import { Csv } from "effect/encoding"
import { DataError } from "../../core/errors.ts"
import { fileError } from "../../core/files.ts"
import { wrong } from "./input.ts"
import type { Read } from "./input.ts"

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
export const table = (path: string, names: ReadonlyArray<string>): Read<ReadonlyArray<Float32Array>> =>
  Effect.gen(function*() {
    const { heads, rows } = yield* records(path)
    if (rows.length === 0) return yield* wrong(path, "rows of numbers", "none")
    if (heads === undefined && rows[0]!.length !== names.length) {
      return yield* wrong(path, `${names.length} columns: ${names.join(", ")}`, `${rows[0]!.length}`)
    }
    const missing = names.filter((name) => heads !== undefined && !heads.includes(name))
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
