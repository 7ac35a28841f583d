import { Cause, Effect, Result, Stream } from "effect"
import type { FileSystem, Path } from "effect"
import type { Judging } from "../../checkpoint/best.ts"
import { describe } from "../../checkpoint/describe.ts"
import type { Metadata } from "../../checkpoint/format.ts"
import type { State } from "../../checkpoint/saving.ts"
import { minOrMax, positiveInteger, refuse } from "../../core/check.ts"
import type { ShapeError } from "../../core/errors.ts"
import type { Lender } from "../../core/lender.ts"
import { messageOf } from "../../core/messageOf.ts"
import { operator } from "../../core/operator.ts"
import type { ShapeTree } from "../../core/Shape.ts"
import { describe as describeLayer } from "../../layers/description.ts"
import type { Any } from "../../layers/Layer.ts"
import { summary } from "../../layers/summary.ts"
import { plain } from "./lines.ts"
import { openRecorder } from "./recorder.ts"
import type { RecordingError, RecordingServices } from "./recorder.ts"
import type { About } from "./writer.ts"

/** How a run is recorded, and what is said of it. */
export interface RecordOptions<A> extends About, Partial<Judging<A>> {
  /** Whose state is saved: that after the step whose metrics come by. */
  readonly trainer: Lender<State>
  /**
   * What is trained, and the shape of one example that it takes. The run then has the model's description and summary,
   * and so have its checkpoints, for `Checkpoint.model`.
   */
  readonly model?: Any
  readonly input?: ShapeTree
  /** A checkpoint is written after every so many steps, by default 200, and at the end. */
  readonly every?: number
  /** Text that is kept with the checkpoints, by default none. */
  readonly metadata?: Metadata
}

export type RecordError = RecordingError | ShapeError

const names = [
  ...["experiment", "kind", "name", "note", "command", "resume", "steps", "stepsPerEpoch", "config", "backend"],
  ...["threads", "file", "shapes", "sizes", "classes", "show", "networks"]
] as const satisfies ReadonlyArray<keyof About>

/** What is said of a run, as JSON has it. */
const aboutIn = (options: About): About => {
  const about: { [name: string]: unknown } = {}
  for (const name of names) {
    if (options[name] === undefined) continue
    try {
      about[name] = JSON.parse(JSON.stringify(options[name], plain))
    } catch {
      refuse("Run.record", name, "a value of JSON", options[name])
    }
  }
  return about
}

const validationLoss = (element: unknown): number | undefined => {
  const { validation } = element as { readonly validation?: { readonly loss?: unknown } }
  return typeof validation?.loss === "number" ? validation.loss : undefined
}

/**
 * Writes the report of a run that has ended. It is loaded for that: pages whose runs are not over need none of it. What
 * is wrong with it is a warning, and loses no run.
 */
const report = (folder: string): Effect.Effect<void, never, FileSystem.FileSystem | Path.Path> =>
  Effect.promise(() => import("../report/write.ts")).pipe(
    Effect.flatMap(({ writeReport }) => writeReport(folder)),
    Effect.catchCause((cause) =>
      Effect.logWarning(`the report of ${folder} was not written: ${messageOf(Cause.squash(cause))}`)
    )
  )

/** What the model says of itself. */
const modelOf = ({ input, model }: Pick<RecordOptions<never>, "model" | "input">) =>
  Effect.gen(function*() {
    if (model === undefined) return { about: {}, metadata: {} }
    const described = describeLayer(model), description = Result.isSuccess(described) ? described.success : undefined
    const about = { kind: "supervised", ...(description === undefined ? {} : { model: description }) } as const
    if (input === undefined) return { about, metadata: {} }
    return {
      about: { ...about, networks: { model: yield* summary(model, input) }, shapes: { x: input } },
      metadata: describe(model, { input })
    }
  })

/**
 * An operator on the metrics of a trainer that makes a run folder of its training, for everything that reads runs: the
 * command line, the dashboard, {@link read}. The folder has `run.json` (what the run is, and where it stands),
 * `metrics.jsonl` (a line per step; what stands in the metrics as a record with a `size` of its own, as `validation` of
 * `Train.validating` does, becomes a line of that split), `model.safetensors` every so many steps and at the end, and
 * `best.safetensors` whenever `monitor` gives a better value than ever before, by default the least loss of
 * `validation`, and at the end `report.html`, a page about the run that stands for itself; what is wrong with it is a
 * warning.
 *
 * The run is finished when the stream ends, stopped when it is interrupted or who takes from it takes no more, failed
 * when it fails; what it was is saved, but not after a failure, since what made a loss infinite began before. Lines
 * wait for a second or for a checkpoint before they are written. To go on from a run, give `Checkpoint.resume(folder,
 * init)` to `Train.make`: lines of later steps are cut off, whenever it was killed, and one that was killed before its
 * first checkpoint is begun anew.
 *
 * Fails, before the first step, with a `RunBusy` when another process or page writes the folder, with a
 * `CheckpointError` or a `DataError` when it holds what the training has not done, and as `Layers.summary` does for a
 * model that does not fit its `input`; later when a file cannot be written, which leaves what was there whole. At the
 * end of a stream that is stopped or interrupted this failure is a defect. Throws a `RangeError` if `every` is no
 * positive integer, for another word as `mode`, and for what JSON cannot hold.
 *
 * @example
 * ```ts
 * import { NodeServices } from "@effect/platform-node"
 * import { Effect, FileSystem, Layer, Stream } from "effect"
 * import { Backend, Key, Layers, Losses, NdArray, Optimizers, Run, Train } from "effect-neuron"
 *
 * const model = Layers.dense(1), optimizer = Optimizers.sgd(0.1)
 * const init = Train.init({ model, optimizer, input: [1], key: Key.make(1) })
 * const batch = { x: NdArray.make([1, 2], [2, 1]), y: NdArray.make([2, 4], [2, 1]), size: 2 }
 * const program = Effect.gen(function*() {
 *   const folder = yield* (yield* FileSystem.FileSystem).makeTempDirectoryScoped()
 *   const trainer = yield* Train.make(init, Train.supervised({ model, optimizer, loss: Losses.meanSquaredError }))
 *   yield* Stream.forever(Stream.make(batch)).pipe(
 *     Stream.take(25),
 *     trainer.run,
 *     Run.record(folder, { trainer, model, input: [1], experiment: "line", config: { learningRate: 0.1 } }),
 *     Stream.runDrain
 *   )
 *   const { state, step } = yield* Run.read(folder), { train } = yield* Run.metrics(folder)
 *   return [state, step, train?.length]
 * })
 * const services = Layer.merge(Backend.layerWasm, NodeServices.layer)
 * await Effect.runPromise(program.pipe(Effect.scoped, Effect.provide(services))) // => ["finished", 25, 25]
 * ```
 */
export const record: {
  <A extends { readonly step: number }>(
    folder: string,
    options: RecordOptions<A>
  ): <E, R>(self: Stream.Stream<A, E, R>) => Stream.Stream<A, E | RecordError, R | RecordingServices>
  <A extends { readonly step: number }, E, R>(
    self: Stream.Stream<A, E, R>,
    folder: string,
    options: RecordOptions<A>
  ): Stream.Stream<A, E | RecordError, R | RecordingServices>
} = /* @__PURE__ */ operator(
  <A extends { readonly step: number }>(folder: string, options: RecordOptions<A>) => {
    const { every = 200, metadata = {}, mode = "min", monitor = validationLoss, trainer } = options
    positiveInteger("Run.record", "every", every)
    minOrMax("Run.record", mode)
    const about = aboutIn(options)
    return <E, R>(self: Stream.Stream<A, E, R>) =>
      Stream.unwrap(Effect.gen(function*() {
        const model = yield* modelOf(options)
        const recorder = yield* openRecorder<A, never, FileSystem.FileSystem | Path.Path>(folder, {
          ...{ every, mode, monitor, trainer },
          ...{ ended: () => report(folder), finished: report(folder) },
          about: { ...model.about, ...about },
          metadata: { ...model.metadata, ...metadata }
        })
        return recorder.through(self)
      }))
  }
)
