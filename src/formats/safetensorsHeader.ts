import { Result } from "effect"
import { isObject } from "effect/Predicate"
import type { DataError } from "../core/errors.ts"
import { format, size } from "../core/Shape.ts"
import { dtypes } from "./dtypes.ts"
import type { DType } from "./dtypes.ts"

export const METADATA = "__metadata__"
export const PREFIX_BYTES = 8
const HEADER_LIMIT = 100_000_000

/** The failure of a file. */
export type Wrong = (expected: string, actual: string, cause?: unknown) => Result.Result<never, DataError>
/** An array in a file: what it is, and where its data are, counted from the end of the header. */
export type Entry = {
  readonly name: string
  readonly dtype: DType
  readonly shape: ReadonlyArray<number>
  readonly begin: number
  readonly end: number
}

const isCounts = (u: unknown): u is ReadonlyArray<number> =>
  Array.isArray(u) && u.every((n) => Number.isSafeInteger(n) && n >= 0)

const show = (u: unknown): string => {
  if (u === undefined) return "nothing"
  try {
    const text = JSON.stringify(u)
    return text.length <= 60 ? text : `${text.slice(0, 60)}…`
  } catch {
    // It reads deeper values than it writes.
    return "values that are nested too deep"
  }
}

const split = (bytes: Uint8Array, wrong: Wrong) =>
  Result.gen(function*() {
    if (bytes.length < PREFIX_BYTES) return yield* wrong("a header length of 8 bytes", `${bytes.length} bytes`)
    const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
    if (length > HEADER_LIMIT) {
      return yield* wrong(`a safetensors file, whose header has at most ${HEADER_LIMIT} bytes`, `one of ${length}`)
    }
    if (length > bytes.length - PREFIX_BYTES) {
      return yield* wrong(`a header of ${length} bytes`, `${bytes.length - PREFIX_BYTES} bytes`)
    }
    const text = yield* Result.try({
      try: () => new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes.subarray(8, 8 + length)),
      catch: (cause) => cause
    }).pipe(Result.orElse((cause) => wrong("a header in UTF-8", "other bytes", cause)))
    const header = yield* Result.try({ try: (): unknown => JSON.parse(text), catch: (cause) => cause }).pipe(
      Result.orElse((cause) => wrong("a header in JSON", show(text), cause))
    )
    // The format asks for the brace to be the first byte; padding stands behind.
    if (!isObject(header) || !text.startsWith("{")) return yield* wrong("a header that is a JSON object", show(text))
    return { header, start: PREFIX_BYTES + length }
  })

const entryOf = (name: string, value: unknown, wrong: Wrong) =>
  Result.gen(function*() {
    if (!isObject(value)) return yield* wrong(`${name} to be described by a JSON object`, show(value))
    const { data_offsets: offsets, dtype: type, shape } = value
    const dtype = typeof type === "string" ? dtypes.get(type) : undefined
    if (dtype === undefined) return yield* wrong(`${name} of type ${[...dtypes.keys()].join(", ")}`, show(type))
    if (!isCounts(shape)) return yield* wrong(`the shape of ${name} in whole numbers from 0 up`, show(shape))
    if (!isCounts(offsets) || offsets.length !== 2) {
      return yield* wrong(`data_offsets [begin, end] for ${name}`, show(offsets))
    }
    const [begin, end] = offsets as readonly [number, number]
    const needed = size(shape) * dtype.width
    if (end - begin !== needed) {
      return yield* wrong(`${needed} bytes for ${name}, ${type} ${format(shape)}`, `data_offsets ${show(offsets)}`)
    }
    return { name, dtype, shape, begin, end } satisfies Entry
  })

/** How many bytes stand before the data, by the first ones of a file; of a header that is too long, none of it. */
export const headLength = (bytes: Uint8Array): number => {
  if (bytes.length < PREFIX_BYTES) return PREFIX_BYTES
  const length = Number(new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(0, true))
  return PREFIX_BYTES + (length > HEADER_LIMIT ? 0 : length)
}

/**
 * What the header of a file says: `bytes` are the file, or as much of it as {@link headLength} tells. The arrays are in
 * the order of their data, which begin at `start`, have no gaps, and end at `end`.
 */
export const readHeader = (bytes: Uint8Array, wrong: Wrong) =>
  Result.gen(function*() {
    const { header, start } = yield* split(bytes, wrong)
    const { [METADATA]: metadata = {}, ...rest } = header
    if (!isObject(metadata) || !Object.values(metadata).every((value) => typeof value === "string")) {
      return yield* wrong(`${METADATA} to be a record of strings`, show(metadata))
    }
    const entries: Array<Entry> = []
    for (const [name, value] of Object.entries(rest)) entries.push(yield* entryOf(name, value, wrong))
    entries.sort((a, b) => a.begin - b.begin || a.end - b.end)
    let end = 0
    for (const entry of entries) {
      if (entry.begin !== end) {
        return yield* wrong(`the data of ${entry.name} at byte ${end}, without gaps`, `byte ${entry.begin}`)
      }
      end = entry.end
    }
    return { entries, metadata: metadata as { readonly [key: string]: string }, start, end: start + end }
  })
