import { Effect, FileSystem, Layer, Option, PlatformError, Stream } from "effect"
import { FetchHttpClient, HttpClient } from "effect/http"
import { messageOf } from "../core/messageOf.ts"

/** Where the bytes of a file are: a `File` that a user has chosen, another `Blob`, or an address to fetch it from. */
export type FileSource = Blob | URL | string

const CACHE = "effect-neuron"
const toFirstByte = "20 seconds"

const failed = (_tag: "NotFound" | "Unknown", path: string, cause: unknown) =>
  PlatformError.systemError({
    _tag,
    module: "FileSystem",
    method: "stream",
    pathOrDescriptor: path,
    description: messageOf(cause),
    cause
  })

/** Uses the cache of the page or worker, where there is one: not in Node, and not in a page that is not secure. */
const inCache = <A>(use: (cache: Cache) => Promise<A>): Effect.Effect<A | undefined> =>
  Effect.orElseSucceed(
    Effect.tryPromise(async () => globalThis.caches === undefined ? undefined : use(await caches.open(CACHE))),
    () => undefined
  )

const fetched = Effect.fnUntraced(function*(client: HttpClient.HttpClient, address: string) {
  const hit = yield* inCache(async (cache) => (await cache.match(address))?.blob())
  if (hit !== undefined) return hit
  const response = yield* Effect.timeout(HttpClient.filterStatusOk(client).get(address), toFirstByte)
  const blob = new Blob([yield* response.arrayBuffer])
  yield* inCache((cache) => cache.put(address, new Response(blob)))
  return blob
})

const bytesOf = (blob: Blob, path: string): Stream.Stream<Uint8Array, PlatformError.PlatformError> =>
  Stream.fromReadableStream<Uint8Array, PlatformError.PlatformError>({
    evaluate: () => blob.stream(),
    onError: (cause) => failed("Unknown", path, cause)
  })

/**
 * Files to read, each under a path of one's own: what `Datasets.idxDataset`, `Datasets.idxItems` and `Checkpoint.load`
 * read in a page. A file with an address is fetched when it is first read, with the `HttpClient` of the context if it
 * has one, and kept in the browser's cache of the name `effect-neuron` until `caches.delete("effect-neuron")`; where
 * there is no such cache, as long as the layer.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Datasets } from "effect-neuron"
 *
 * const labels = new File([Uint8Array.of(0, 0, 8, 1, 0, 0, 0, 2, 7, 4)], "chosen by a user")
 * const files = Datasets.layerFiles({ labels, images: "/data/images.gz" })
 * await Effect.runPromise(Datasets.idxHeader("labels").pipe(Effect.provide(files))) // => { type: "uint8", shape: [2] }
 * ```
 */
export const layerFiles = (
  sources: { readonly [path: string]: FileSource }
): Layer.Layer<FileSystem.FileSystem> =>
  Layer.effect(
    FileSystem.FileSystem,
    Effect.gen(function*() {
      const provided = yield* Effect.serviceOption(HttpClient.HttpClient)
      const client = Option.isSome(provided)
        ? provided.value
        : yield* Effect.provide(HttpClient.HttpClient, FetchHttpClient.layer)
      const kept = new Map<string, Blob>()
      const find = (path: string): Effect.Effect<Blob, PlatformError.PlatformError> => {
        const source = Object.hasOwn(sources, path) ? sources[path]! : undefined
        if (source === undefined) return Effect.fail(failed("NotFound", path, "no such file"))
        if (source instanceof Blob) return Effect.succeed(source)
        const blob = kept.get(path)
        if (blob !== undefined) return Effect.succeed(blob)
        return fetched(client, String(source)).pipe(
          Effect.mapError((cause) => failed("Unknown", path, cause)),
          Effect.tap((blob) => Effect.sync(() => kept.set(path, blob)))
        )
      }
      return FileSystem.makeNoop({
        exists: (path) => Effect.succeed(Object.hasOwn(sources, path)),
        stream: (path) => Stream.unwrap(Effect.map(find(path), (blob) => bytesOf(blob, path))),
        readFile: (path) =>
          Effect.flatMap(find(path), (blob) => Effect.promise(async () => new Uint8Array(await blob.arrayBuffer())))
      })
    })
  )
