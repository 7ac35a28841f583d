import { Cause, Channel, Effect, Pull, Stream } from "effect"
import { DataError } from "../core/errors.ts"

type Bytes = readonly [Uint8Array, ...Array<Uint8Array>]

/** Runtimes say what is wrong in different places: in the message of the error, in its cause, or in its code. */
const reasonOf = (error: unknown): string => {
  if (!(error instanceof Error)) return String(error)
  if (error.message !== "") return error.message
  if (error.cause instanceof Error) return error.cause.message
  return "code" in error ? String(error.code) : error.name
}

const through = <E, R>(
  self: Stream.Stream<Uint8Array, E, R>,
  make: () => unknown,
  onError: (error: unknown) => DataError
): Stream.Stream<Uint8Array, E | DataError, R> =>
  Stream.pipeThroughChannel(
    self,
    Channel.fromTransformStream<E, Uint8Array, Uint8Array, DataError>({
      // The platform's types insist on arrays over an unshared buffer, which those of `Uint8Array` do not promise.
      evaluate: () => make() as TransformStream<Uint8Array, Uint8Array>,
      onError
    })
  )

/** Unpacks gzip data, on a thread of the runtime where it has one. */
export const gunzip =
  (source: string) => <E, R>(self: Stream.Stream<Uint8Array, E, R>): Stream.Stream<Uint8Array, E | DataError, R> =>
    through(self, () => new DecompressionStream("gzip"), (cause) =>
      new DataError({
        source,
        expected: "one whole gzip stream",
        actual: `one that is cut short, damaged or followed by other data (${reasonOf(cause)})`,
        cause
      }))

/** Packs data with gzip. */
export const gzip =
  (source: string) => <E, R>(self: Stream.Stream<Uint8Array, E, R>): Stream.Stream<Uint8Array, E | DataError, R> =>
    through(
      self,
      () => new CompressionStream("gzip"),
      (cause) => new DataError({ source, expected: "data to pack", actual: `a failure (${reasonOf(cause)})`, cause })
    )

/** Unpacks gzip data, which their first two bytes tell, and leaves other data as they are. */
export const gunzipIfPacked =
  (source: string) => <E, R>(self: Stream.Stream<Uint8Array, E, R>): Stream.Stream<Uint8Array, E | DataError, R> =>
    Stream.transformPull(self, (upstream, scope) =>
      Effect.sync(() => {
        type Next = Pull.Pull<Bytes, E | DataError>
        const pull = upstream as Pull.Pull<Bytes, E>
        const read: Array<Uint8Array> = []
        const replay: Next = Effect.suspend((): Next =>
          read.length > 0 ? Effect.succeed(read.splice(0) as [Uint8Array]) : pull
        )
        let chosen: Next | undefined
        const choose: Next = Effect.suspend((): Next => {
          const start: Array<number> = []
          for (const piece of read) start.push(...piece.subarray(0, 2 - start.length))
          if (start.length < 2) return more
          if (start[0] !== 0x1f || start[1] !== 0x8b) return chosen = replay
          const unpacked = gunzip(source)(Stream.fromPull(Effect.succeed(replay)))
          return Effect.flatMap(
            Channel.toPullScoped(Stream.toChannel(unpacked), scope),
            (next) => chosen = next as Next
          )
        })
        const more: Next = Effect.flatMap(pull, (pieces) => {
          for (const piece of pieces) if (piece.length > 0) read.push(piece)
          return choose
        })
        const sniff: Next = Pull.catchDone(choose, () => {
          chosen ??= replay
          return read.length > 0 ? replay : Cause.done()
        })
        return Effect.suspend((): Next => chosen ?? sniff)
      })) as Stream.Stream<Uint8Array, E | DataError, R>
