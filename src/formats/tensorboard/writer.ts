import { Clock, Effect, FileSystem, Path, Semaphore } from "effect"
import type { PlatformError, Scope } from "effect"
import type { Backend } from "../../backend/Backend.ts"
import { firstNonFinite } from "../../backend/finite.ts"
import { read } from "../../backend/read.ts"
import { DataError } from "../../core/errors.ts"
import type { TensorError } from "../../core/errors.ts"
import { fileError } from "../../core/files.ts"
import type { NdArray } from "../../core/NdArray.ts"
import * as Tree from "../../core/Tree.ts"
import { encodePng } from "../../images/png.ts"
import { histogramValue, imageValue, scalarValue, startEvent, summaryEvent, versionEvent } from "./event.ts"
import { histogramOf } from "./histogram.ts"
import { join } from "./protobuf.ts"
import type { Field } from "./protobuf.ts"
import { tfRecord } from "./tfRecord.ts"

/** The options of {@link writer}. */
export interface WriterOptions {
  /** The last part of the file's name, by default `localhost`. */
  readonly hostname?: string
  /** For how many seconds records may wait to be written, by default 2; 0 writes each at once. */
  readonly flushSeconds?: number
  /**
   * For a run that goes on from a checkpoint: the first step that is taken again. TensorBoard then drops what the run
   * had logged of it and of later steps before it was stopped. By default nothing is dropped.
   */
  readonly purgeStep?: number
}

/**
 * An event file that is being written. A step is a whole number from 0 up, else it is a defect of `RangeError`; a tag
 * is a name like `train/loss`, and TensorBoard shows those with the same first part together.
 */
export interface Writer {
  /** The path of the file. */
  readonly file: string
  /** Logs numbers by tag, as float32. */
  readonly scalars: (
    step: number,
    values: { readonly [tag: string]: number }
  ) => Effect.Effect<void, DataError>
  /**
   * Logs the distribution of each tensor of a tree, with TensorFlow's buckets, under the path of the tensor behind
   * `prefix` and a slash: `weights/conv1.kernel`. The prefix is `weights` by default. Fails with a `DataError` for
   * values that are not finite.
   */
  readonly histograms: (
    step: number,
    tree: Tree.Tree,
    options?: { readonly prefix?: string }
  ) => Effect.Effect<void, DataError | TensorError, Backend>
  /** Logs an image, `[height, width, channels]` of bytes; `Images.grid` makes one of a batch. */
  readonly image: (step: number, tag: string, image: NdArray) => Effect.Effect<void, DataError>
  /** Writes what waits to be written. */
  readonly flush: Effect.Effect<void, DataError>
}

/**
 * Makes a new event file for TensorBoard in a folder, which is made when it is missing:
 * `events.out.tfevents.<seconds>.<hostname>`, with a number behind it if there is one of that name. Give each run a
 * folder of its own; `tensorboard --logdir` with the folder above shows them beside each other, while they run too.
 *
 * Only whole records are written: at the first one that comes `flushSeconds` after the last write, on `flush`, and when
 * the Scope closes. Times are those of Effect's `Clock`. A write that fails is a `DataError`, and leaves the records
 * before it; when the Scope closes there is nobody to tell, so that a last `flush` is worth its line.
 *
 * The format is that of TensorFlow's `tf.compat.v1.summary`: records with masked CRC-32C, and `Event` messages with
 * `simple_value`, `histo` and `image`, which all versions of TensorBoard read.
 *
 * @example
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect, FileSystem, Stream } from "effect"
 * import { NdArray, TensorBoard } from "effect-neuron"
 *
 * const program = Effect.gen(function*() {
 *   const files = yield* FileSystem.FileSystem, folder = yield* files.makeTempDirectoryScoped()
 *   const board = yield* TensorBoard.writer(`${folder}/mnist-1`)
 *   // In earnest the stream is what `trainer.run` gives.
 *   yield* Stream.make({ step: 1, loss: 2.3 }, { step: 2, loss: 1.9 }).pipe(
 *     Stream.tap(({ loss, step }) => board.scalars(step, { "train/loss": loss })),
 *     Stream.runDrain
 *   )
 *   yield* board.image(2, "samples", NdArray.make(Uint8Array.of(0, 255), [1, 2, 1]))
 *   yield* board.flush
 *   const [name] = yield* files.readDirectory(`${folder}/mnist-1`)
 *   return /^events\.out\.tfevents\.\d+\.localhost$/.test(name!)
 * })
 * await program.pipe(Effect.scoped, Effect.provide(NodeServices.layer), Effect.runPromise) // => true
 * ```
 */
export const writer = (
  directory: string,
  { flushSeconds = 2, hostname = "localhost", purgeStep }: WriterOptions = {}
): Effect.Effect<Writer, DataError, FileSystem.FileSystem | Path.Path | Scope.Scope> => {
  if (!(flushSeconds >= 0)) throw new RangeError(`flushSeconds is a number from 0 up, got ${flushSeconds}`)
  if (purgeStep !== undefined) checkStep(purgeStep)
  return Effect.gen(function*() {
    const start = yield* Clock.currentTimeMillis
    const { handle, path } = yield* create(
      directory,
      `${String(Math.floor(start / 1000)).padStart(10, "0")}.${hostname}`
    )
    const toError = fileError(path, "a file to append to"), oneAtATime = yield* Semaphore.make(1)

    let pending: Array<Uint8Array> = [], size = 0, written = start
    const flush = Effect.gen(function*() {
      if (pending.length === 0) return
      const records = join(...pending)
      pending = []
      written = yield* Clock.currentTimeMillis
      // Part of a record would be the end of the file for those who read it.
      yield* Effect.onError(handle.writeAll(records), () => Effect.ignore(handle.truncate(size)))
      size += records.length
    }).pipe(Effect.mapError(toError), Effect.uninterruptible, oneAtATime.withPermits(1))

    const append = (event: (wallTime: number) => Field) =>
      Effect.flatMap(Clock.currentTimeMillis, (now) => {
        pending.push(tfRecord(event(now / 1000)))
        return now - written >= 1000 * flushSeconds ? flush : Effect.void
      })
    const log = (step: number, values: ReadonlyArray<Field>) => {
      checkStep(step)
      return append((wallTime) => summaryEvent(wallTime, step, values))
    }

    yield* Effect.addFinalizer(() => Effect.ignore(flush))
    yield* append(versionEvent)
    if (purgeStep !== undefined) yield* append((wallTime) => startEvent(wallTime, purgeStep))
    yield* flush

    return {
      file: path,
      scalars: (step, values) =>
        Effect.suspend(() => log(step, Object.entries(values).map(([tag, value]) => scalarValue(tag, value)))),
      histograms: (step, tree, { prefix = "weights" } = {}) =>
        Effect.gen(function*() {
          const leaves = Tree.entries(tree)
          const values = yield* read("histograms", leaves.map(([, x]) => x))
          const arrays = leaves.map(([leaf], i) => [`${prefix}/${leaf}`, values[i]!.data] as const)
          for (const [tag, data] of arrays) {
            if (firstNonFinite(data) !== undefined) {
              return yield* new DataError({ source: tag, expected: "finite values", actual: "others" })
            }
          }
          yield* log(
            step,
            arrays.map(([tag, data]) => histogramValue(tag, histogramOf(data)))
          )
        }),
      image: (step, tag, image) =>
        Effect.suspend(() => {
          const png = encodePng(image), [height, width, channels] = image.shape as readonly [number, number, number]
          return log(step, [imageValue(tag, { height, width, channels, png })])
        }),
      flush
    }
  })
}

const checkStep = (step: number): void => {
  if (!Number.isSafeInteger(step) || step < 0) throw new RangeError(`a step is a whole number from 0 up, got ${step}`)
}

/** Makes a file that was not there. Runs that start in the same second each get one. */
const create = (directory: string, name: string) =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem, paths = yield* Path.Path
    yield* Effect.mapError(
      files.makeDirectory(directory, { recursive: true }),
      fileError(directory, "a folder to write to")
    )
    const open = (attempt: number): Effect.Effect<
      { readonly path: string; readonly handle: FileSystem.File },
      DataError,
      Scope.Scope
    > => {
      const path = paths.join(directory, `events.out.tfevents.${name}${attempt === 0 ? "" : `.${attempt}`}`)
      const taken = ({ reason }: PlatformError.PlatformError) => reason._tag === "AlreadyExists"
      return files.open(path, { flag: "ax" }).pipe(
        Effect.map((handle) => ({ path, handle })),
        Effect.catch((error) =>
          taken(error) ? open(attempt + 1) : Effect.fail(fileError(path, "a file to write")(error))
        )
      )
    }
    return yield* open(0)
  })
