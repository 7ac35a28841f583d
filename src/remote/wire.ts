import { Schema } from "effect"
import { Transferable } from "effect/workers"
import { isNdArray } from "../core/NdArray.ts"
import type { HostTree, NdArray } from "../core/NdArray.ts"
import { eachLeaf } from "../core/structure.ts"
import type { Examined } from "../experiment/examine.ts"
import type { Example } from "../experiment/Experiment.ts"
import type { WithMergeable } from "../metrics/parts.ts"

/** Whether a value is a tree of whole arrays. */
const isHostTree = (u: unknown): u is HostTree =>
  isNdArray(u) || (typeof u === "object" && u !== null && !ArrayBuffer.isView(u) && Object.values(u).every(isHostTree))

const isNamed = (u: unknown): u is { readonly [path: string]: NdArray } =>
  typeof u === "object" && u !== null && Object.values(u).every(isNdArray)

const buffersOf = (tree: unknown): ReadonlyArray<ArrayBuffer> => {
  const buffers = new Set<ArrayBufferLike>()
  eachLeaf(tree as HostTree, isNdArray, ({ data }: NdArray) => buffers.add(data.buffer))
  return [...buffers] as ReadonlyArray<ArrayBuffer>
}

/** A schema that needs no services. */
export type Codec<A = unknown> = Schema.Codec<A, unknown, never, never>

/**
 * The schema of one array, for the `input` and `output` of {@link define}: `Schema.Struct({ x: Remote.array })` is that
 * of a record of them.
 *
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { NdArray } from "effect-neuron"
 * import * as Remote from "effect-neuron/remote"
 *
 * const isArray = Schema.is(Remote.array)
 * isArray(NdArray.make([1, 2], [2])) // => true
 * isArray({ data: Float32Array.of(1), shape: [2] }) // => false
 * ```
 */
export const array: Schema.Codec<NdArray> = /* @__PURE__ */ Schema.declare(isNdArray, {
  title: "array",
  expected: "an array as long as its shape says"
})

/**
 * The schema of any tree of arrays, for the `input` and `output` of {@link define}.
 *
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { NdArray } from "effect-neuron"
 * import * as Remote from "effect-neuron/remote"
 *
 * Schema.is(Remote.arrays)({ x: NdArray.index(3), y: [NdArray.index(4)] }) // => true
 * ```
 */
export const arrays: Schema.Codec<HostTree> = /* @__PURE__ */ Schema.declare(isHostTree, {
  title: "arrays",
  expected: "arrays as long as their shapes say"
})

// Arrays cross as they are, whatever record or union of them a schema describes: only a declaration is not taken apart
// and asked for JSON. What a client sends is copied on its way, since a buffer that is transferred is gone at the
// sender's. What the worker sends was copied from tensors for that purpose, and is moved.
const whole = <S extends Codec>(schema: S) =>
  Schema.declare<S["Type"]>(Schema.is(Schema.toType(schema)), { title: "arrays", expected: "what its schema says" })

/** Arrays on their way to the worker. */
export const sent = <S extends Codec>(schema: S) => Transferable.schema(whole(schema), () => [])

/** Arrays on their way from the worker. */
export const moved = <S extends Codec>(schema: S) => Transferable.schema(whole(schema), buffersOf)

/** Arrays by path on their way from the worker. */
export const NamedArrays = /* @__PURE__ */ moved(/* @__PURE__ */ Schema.declare(isNamed, { title: "arrays" }))

const isRecord = (u: unknown): boolean => typeof u === "object" && u !== null

/** Examples on their way from the worker: copies, for a data set keeps its own. */
export const Examples = /* @__PURE__ */ Transferable.schema(
  /* @__PURE__ */ Schema.declare<ReadonlyArray<Example>>(
    (u): u is ReadonlyArray<Example> => Array.isArray(u) && u.every(isRecord),
    { title: "examples" }
  ),
  () => []
)

/** How a model does on a part of its data, on its way from the worker. */
export const Examination = /* @__PURE__ */ Transferable.schema(
  /* @__PURE__ */ Schema.declare<Examined>((u): u is Examined => isRecord(u) && "losses" in (u as object), {
    title: "examination"
  }),
  ({ labels, losses, predicted, predictions, scores, targets }) =>
    [labels, losses, predicted, predictions, scores?.data, targets].flatMap((values) =>
      values === undefined ? [] : [values.buffer as ArrayBuffer]
    )
)

/** The parts of the data of an experiment. */
export const Splits = /* @__PURE__ */ Schema.Literals(["train", "validation", "test"])

/** The bytes of a file on their way from the worker. */
export const MovedBytes = /* @__PURE__ */ Transferable.schema(
  /* @__PURE__ */ Schema.declare((u): u is Uint8Array<ArrayBuffer> => u instanceof Uint8Array, { title: "bytes" }),
  (bytes) => [bytes.buffer]
)

/**
 * What is known about one step, or about several that follow each other: `step` is the last of them and `steps` their
 * number. Of several, metrics are what they are of all of their examples, other numbers means weighted by `size` (all
 * alike where there is none), but `size` is their sum and `epoch` that of the last; a boolean says whether it was so in
 * any of them.
 */
export type Point = WithMergeable & {
  readonly step: number
  readonly steps: number
  readonly [name: string]: number | boolean
}

const isPoint = (u: unknown): u is Point =>
  typeof u === "object" && u !== null && "step" in u && "steps" in u &&
  Object.values(u).every((value) => typeof value === "number" || typeof value === "boolean")

/** Points cross as they are: structured cloning keeps NaN and infinity, and a check is all that they need. */
export const Points = /* @__PURE__ */ Transferable.schema(
  /* @__PURE__ */ Schema.declare<Point>(isPoint, { title: "metrics" }),
  () => []
)

/** The state of a worker: `"none"` before a training is started and after it is stopped. */
export const Status = /* @__PURE__ */ Schema.Struct({
  phase: Schema.Literals(["none", "running", "paused", "finished", "failed"]),
  /** The number of steps taken. */
  step: Schema.Number,
  /** The number of tensors that are alive in the worker. */
  tensors: Schema.Number,
  learningRate: Schema.optionalKey(Schema.Number)
})
export type Status = typeof Status.Type

/** How some numbers are distributed. */
export const Distribution = /* @__PURE__ */ Schema.Struct({
  /** How many are in each of 30 ranges of one width, from the least to the greatest. */
  counts: Schema.Array(Schema.Number),
  min: Schema.Number,
  max: Schema.Number,
  mean: Schema.Number,
  stddev: Schema.Number,
  /** The share of those that are 0. */
  zeros: Schema.Number,
  /** Of weights: the norm of their change since they were looked at before, over their norm. */
  change: Schema.optionalKey(Schema.Number),
  /** Of what a layer gives: the share of its units that are 0 for all examples. */
  dead: Schema.optionalKey(Schema.Number)
})
export type Distribution = typeof Distribution.Type

const Distributed = /* @__PURE__ */ Schema.Record(Schema.String, Distribution)

/** How weights, their gradients, and what layers give are distributed, by path. */
export const Distributions = /* @__PURE__ */ Schema.Struct({
  step: Schema.Number,
  /** How many steps were taken since they were looked at before; 0 for the first time. */
  steps: Schema.Number,
  weights: Distributed,
  gradients: Distributed,
  activations: Distributed
})
export type Distributions = typeof Distributions.Type

/** How good the model is on data that it was not trained on. */
export const Evaluation = /* @__PURE__ */ Schema.Struct({
  size: Schema.Number,
  metrics: Schema.Record(Schema.String, Schema.Number),
  /** Counts, int32 `[classes, classes]`, the true class by row. */
  confusion: Schema.optionalKey(/* @__PURE__ */ moved(array))
})
export type Evaluation = typeof Evaluation.Type

/** An evaluation of the state after a step, on a part of the data, where there are several. */
export const Evaluated = /* @__PURE__ */ Schema.Struct({
  ...Evaluation.fields,
  step: Schema.Number,
  split: Schema.optionalKey(Splits)
})
export type Evaluated = typeof Evaluated.Type

/** The norm of the gradient of each parameter by its path, by the state after a step. */
export const GradientNorms = /* @__PURE__ */ Schema.Struct({
  step: Schema.Number,
  norms: Schema.Record(Schema.String, Schema.Number)
})
export type GradientNorms = typeof GradientNorms.Type

/** How a text is gone on with: see `Text.generate`. */
export const Going = /* @__PURE__ */ Schema.Struct({
  prompt: Schema.String,
  /** How many tokens are added at most. */
  length: Schema.Number,
  temperature: Schema.optionalKey(Schema.Number),
  topK: Schema.optionalKey(Schema.Number),
  topP: Schema.optionalKey(Schema.Number),
  repetitionPenalty: Schema.optionalKey(Schema.Number),
  stop: Schema.optionalKey(/* @__PURE__ */ Schema.Array(Schema.String)),
  /** What is drawn, by default that of 0. */
  seed: Schema.optionalKey(Schema.Number)
})
export type Going = typeof Going.Type

/** A token that goes on a text, and what of the text is certain with it. */
export const Gone = /* @__PURE__ */ Schema.Struct({ token: Schema.Number, text: Schema.String })
export type Gone = typeof Gone.Type

/** A text that was gone on with after a step. */
export const Sampled = /* @__PURE__ */ Schema.Struct({
  step: Schema.Number,
  prompt: Schema.String,
  text: Schema.String
})
export type Sampled = typeof Sampled.Type

/** What is made after a step, bytes `[height, width, channels]`. */
export const Picture = /* @__PURE__ */ Schema.Struct({ step: Schema.Number, picture: /* @__PURE__ */ moved(array) })
export type Picture = typeof Picture.Type
