import { Effect, Result, Stream } from "effect"
import { DataError } from "../core/errors.ts"
import type { NdArray } from "../core/NdArray.ts"
import { operator } from "../core/operator.ts"
import { size } from "../core/Shape.ts"
import { transform } from "../pipeline/transform.ts"
import { gunzipIfPacked } from "./gzip.ts"
import { formats, headerSize, parseHeader } from "./idxFormat.ts"
import type { IdxHeader } from "./idxFormat.ts"

const longestHeader = 4 + 4 * 255

/** What a decoder makes of a file: perhaps an element for its header, then one for each item. */
export type IdxReader<A> = {
  readonly header?: A
  /** `bytes` are only valid during the call. */
  readonly item: (bytes: Uint8Array, i: number) => A
}

/** Decodes IDX data with a reader of one's own, which is made when the header is known. */
export const decodeIdxWith =
  <A>(source: string, start: (header: IdxHeader) => Result.Result<IdxReader<A>, DataError>) =>
  <E, R>(bytes: Stream.Stream<Uint8Array, E, R>): Stream.Stream<A, E | DataError, R> =>
    bytes.pipe(
      gunzipIfPacked(source),
      transform(Effect.sync(() => {
        const fail = (expected: string, actual: string) => new DataError({ source, expected, actual })
        const head = new Uint8Array(longestHeader)
        let headNeeded = 4, headFilled = 0
        let reader: IdxReader<A> | undefined
        let item = new Uint8Array(0), length = 0, filled = 0, done = 0, count = 0
        // Grows with what arrives: a header may speak of more than there is, or than memory holds.
        const hold = (part: Uint8Array) => {
          if (filled + part.length > item.length) {
            const larger = new Uint8Array(Math.min(length, Math.max(2 * item.length, filled + part.length)))
            larger.set(item.subarray(0, filled))
            item = larger
          }
          item.set(part, filled)
          filled += part.length
        }

        const open = (out: Array<A>): DataError | undefined => {
          if (headNeeded === 4) {
            const needed = headerSize(head, source)
            if (Result.isFailure(needed)) return needed.failure
            headNeeded = needed.success
            return undefined
          }
          const opened = Result.flatMap(parseHeader(head.subarray(0, headNeeded), source), (header) => {
            length = size(header.shape.slice(1)) * formats[header.type].width
            count = header.shape[0]!
            return start(header)
          })
          if (Result.isFailure(opened)) return opened.failure
          reader = opened.success
          if (reader.header !== undefined) out.push(reader.header)
          return undefined
        }

        const readItems = (
          { item: read }: IdxReader<A>,
          piece: Uint8Array,
          from: number,
          out: Array<A>
        ): DataError | undefined => {
          for (let at = from; at < piece.length;) {
            if (done === count) return fail(`the end of the data after ${count} items`, "more bytes")
            const part = piece.subarray(at, at + length - filled)
            at += part.length
            if (part.length === length) {
              out.push(read(part, done++))
              continue
            }
            hold(part)
            if (filled === length) {
              out.push(read(item.subarray(0, length), done++))
              filled = 0
            }
          }
          return undefined
        }

        const readPiece = (piece: Uint8Array, out: Array<A>): DataError | undefined => {
          if (reader !== undefined) return readItems(reader, piece, 0, out)
          for (let at = 0; at < piece.length; at++) {
            head[headFilled++] = piece[at]!
            const wrong = headFilled === headNeeded ? open(out) : undefined
            if (wrong !== undefined) return wrong
            if (reader !== undefined) return readItems(reader, piece, at + 1, out)
          }
          return undefined
        }

        return {
          push: (chunk: ReadonlyArray<Uint8Array>, out: Array<A>): DataError | undefined => {
            for (const piece of chunk) {
              const wrong = readPiece(piece, out)
              if (wrong !== undefined) return wrong
            }
            return undefined
          },
          end: (): DataError | undefined => {
            if (headFilled === 0) return fail("IDX data", "no bytes at all")
            if (reader === undefined) return fail(`an IDX header of ${headNeeded} bytes`, `only ${headFilled}`)
            if (done === count) return undefined
            return fail(`${count} items of ${length} bytes`, `the end after ${done} items and ${filled} bytes`)
          }
        }
      }))
    )

/**
 * Decodes data of the IDX format (http://yann.lecun.com/exdb/mnist), plain or packed with gzip, into their items: the
 * arrays along the first dimension. Bytes become uint8, other integers int32, floating-point numbers float32. Items
 * come as their bytes arrive, so that memory does not grow with the data; each has an array of its own.
 *
 * Fails with a DataError, which begins with `source`, on anything that is not one whole IDX file.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Datasets, NdArray } from "effect-neuron"
 *
 * const twoPairs = Stream.make(Uint8Array.of(0, 0, 8, 2, 0, 0, 0, 2, 0, 0, 0, 2, 10, 20, 30, 40))
 * const items = Effect.runSync(Stream.runCollect(twoPairs.pipe(Datasets.decodeIdx("pairs"))))
 * items[1] // => NdArray.make(Uint8Array.of(30, 40), [2])
 * ```
 */
export const decodeIdx: {
  (source: string): <E, R>(bytes: Stream.Stream<Uint8Array, E, R>) => Stream.Stream<NdArray, E | DataError, R>
  <E, R>(bytes: Stream.Stream<Uint8Array, E, R>, source: string): Stream.Stream<NdArray, E | DataError, R>
} = /* @__PURE__ */ operator((source: string) =>
  decodeIdxWith<NdArray>(source, ({ shape, type }) => {
    const itemShape = shape.slice(1), length = size(itemShape), { decode } = formats[type]
    return Result.succeed({ item: (bytes) => ({ data: decode(bytes, length), shape: itemShape }) })
  })
)
