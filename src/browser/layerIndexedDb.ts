import { Context, Effect, FileSystem, Layer, Path, PlatformError, Stream } from "effect"
import { joined } from "../core/bytes.ts"

const STORE = "files"

const failure = (method: string, path: string, _tag: "NotFound" | "Unknown", cause?: unknown) =>
  PlatformError.systemError({
    _tag,
    module: "FileSystem",
    method,
    pathOrDescriptor: path,
    cause,
    ...(cause instanceof Error ? { description: cause.message } : {})
  })

/** A result of IndexedDB, which says in events what others say in promises. */
const answer = <A>(request: IDBRequest<A>): Promise<A> =>
  new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result))
    request.addEventListener("error", () => reject(request.error ?? new Error("IndexedDB failed")))
  })

const open = (name: string): Promise<IDBDatabase> => {
  const request = indexedDB.open(name, 1)
  request.addEventListener("upgradeneeded", () => request.result.createObjectStore(STORE))
  return answer(request)
}

const filesOf = (database: IDBDatabase): FileSystem.FileSystem => {
  /** What a transaction gives, once it is complete. */
  const run = <A>(
    method: string,
    path: string,
    mode: IDBTransactionMode,
    use: (store: IDBObjectStore) => Promise<A>
  ): Effect.Effect<A, PlatformError.PlatformError> =>
    Effect.tryPromise({
      try: async () => {
        const transaction = database.transaction(STORE, mode)
        const complete = new Promise<void>((resolve, reject) => {
          const fail = () => reject(transaction.error ?? new Error("the transaction was aborted"))
          transaction.addEventListener("complete", () => resolve())
          transaction.addEventListener("error", fail)
          transaction.addEventListener("abort", fail)
        })
        const [result] = await Promise.all([use(transaction.objectStore(STORE)), complete])
        return result
      },
      catch: (cause) => failure(method, path, "Unknown", cause)
    })

  const read = (method: string, path: string): Effect.Effect<Uint8Array, PlatformError.PlatformError> =>
    Effect.flatMap(
      run(method, path, "readonly", (store) => answer<Uint8Array | undefined>(store.get(path))),
      (bytes) => bytes === undefined ? Effect.fail(failure(method, path, "NotFound")) : Effect.succeed(bytes)
    )
  const write = (method: string, path: string, bytes: Uint8Array) =>
    run(method, path, "readwrite", (store) => answer(store.put(bytes, path))).pipe(Effect.asVoid)
  const append = (method: string, path: string, bytes: Uint8Array) =>
    run(method, path, "readwrite", async (store) => {
      const before = await answer<Uint8Array | undefined>(store.get(path))
      return answer(store.put(before === undefined ? bytes : joined([before, bytes]), path))
    }).pipe(Effect.asVoid)
  const isIn = (folder: string) => (path: string) => path.startsWith(`${folder.replace(/\/$/, "")}/`)
  const keys = (method: string, path: string) =>
    run(method, path, "readonly", (store) => answer(store.getAllKeys() as IDBRequest<Array<string>>))

  return FileSystem.makeNoop({
    // Folders are what paths have in common.
    makeDirectory: () => Effect.void,
    exists: (path) => Effect.map(keys("exists", path), (all) => all.some((key) => key === path || isIn(path)(key))),
    readDirectory: (path) =>
      Effect.map(keys("readDirectory", path), (all) => [
        ...new Set(all.filter(isIn(path)).map((key) => key.slice(path.replace(/\/$/, "").length + 1).split("/")[0]!))
      ]),
    readFile: (path) => read("readFile", path),
    readFileString: (path) => Effect.map(read("readFileString", path), (bytes) => new TextDecoder().decode(bytes)),
    stream: (path) => Stream.fromEffect(read("stream", path)),
    writeFile: (path, bytes, options) =>
      options?.flag === "a" ? append("writeFile", path, bytes) : write("writeFile", path, bytes),
    writeFileString: (path, text, options) => {
      const bytes = new TextEncoder().encode(text)
      return options?.flag === "a" ? append("writeFileString", path, bytes) : write("writeFileString", path, bytes)
    },
    remove: (path, options) =>
      run("remove", path, "readwrite", async (store) => {
        await answer(store.delete(path))
        if (options?.recursive !== true) return
        const all = await answer(store.getAllKeys() as IDBRequest<Array<string>>)
        await Promise.all(all.filter(isIn(path)).map((key) => answer(store.delete(key))))
      }),
    rename: (from, to) =>
      Effect.flatMap(
        run("rename", from, "readwrite", async (store) => {
          const bytes = await answer<Uint8Array | undefined>(store.get(from))
          if (bytes === undefined) return false
          await Promise.all([answer(store.put(bytes, to)), answer(store.delete(from))])
          return true
        }),
        (found) => found ? Effect.void : Effect.fail(failure("rename", from, "NotFound"))
      ),
    // Only to be written as a whole, which is what `sync` does.
    open: (path) => {
      const pieces: Array<Uint8Array> = []
      const unsupported = Effect.die(new Error("files in IndexedDB are opened to be written"))
      return Effect.succeed({
        [FileSystem.FileTypeId]: FileSystem.FileTypeId,
        writeAll: (piece) => Effect.sync(() => void pieces.push(piece.slice())),
        write: (piece) => Effect.sync(() => (pieces.push(piece.slice()), piece.length)),
        sync: Effect.suspend(() => write("open", path, joined(pieces))),
        stat: unsupported,
        seek: () => unsupported,
        read: () => unsupported,
        readAlloc: () => unsupported,
        truncate: () => unsupported
      })
    }
  })
}

/**
 * Files that a page or a worker keeps in IndexedDB, in the database of the given name: with it `Checkpoint.save`,
 * `Checkpoint.every` and `Checkpoint.resume` do in a browser what they do in Node, and a run goes on after the page was
 * closed, and so does `Run.record`. Files are read and written as a whole, and can be added to. The browser may clear them when its disk is full, unless the page asks
 * for `navigator.storage.persist()`.
 *
 * What cannot be done fails with a PlatformError; a browser without IndexedDB is a defect.
 *
 * @example
 * ```ts no-run
 * import { Effect, Layer, Stream } from "effect"
 * import { Backend, Checkpoint } from "effect-neuron"
 * import type { Train } from "effect-neuron"
 * import * as Browser from "effect-neuron/browser"
 *
 * const services = Layer.merge(Backend.layerWebgl, Browser.layerIndexedDb())
 * const train = <B, M, E>(trainer: Train.Trainer<Train.TrainState<{}, {}>, B, M, E, never>, batches: Stream.Stream<B>) =>
 *   batches.pipe(
 *     trainer.run,
 *     Checkpoint.every(500, { folder: "runs/mnist", trainer }),
 *     Stream.runDrain,
 *     Effect.provide(services)
 *   )
 * ```
 */
export const layerIndexedDb = (name = "effect-neuron"): Layer.Layer<FileSystem.FileSystem | Path.Path> =>
  Layer.merge(
    Path.layer,
    Layer.effectContext(
      Effect.map(
        Effect.acquireRelease(
          Effect.promise(() => open(name)),
          (database) => Effect.sync(() => database.close())
        ),
        (database) => Context.make(FileSystem.FileSystem, filesOf(database))
      )
    )
  )
