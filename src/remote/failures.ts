import { Schema, SchemaTransformation } from "effect"
import {
  BackendError,
  CheckpointError,
  DataError,
  DeviceError,
  NonFiniteError,
  ShapeError,
  TensorError
} from "../core/errors.ts"
import { TrainingUnavailable } from "./errors.ts"

/** An error as what it is on both sides, and as its fields between them. */
const sent = <
  Tag extends string,
  const Fields extends Schema.Struct.Fields,
  E extends Schema.TaggedStruct<Tag, Fields>["Type"]
>(
  make: new(fields: Schema.TaggedStruct<Tag, Fields>["Type"]) => E,
  tag: Tag,
  fields: Fields
) =>
  Schema.TaggedStruct(tag, fields).pipe(
    Schema.decodeTo(
      Schema.instanceOf(make),
      SchemaTransformation.transform({ decode: (fields) => new make(fields), encode: (error) => error })
    )
  )

const cause = Schema.Defect(), reasons = Schema.Array(Schema.String)

/**
 * The schema of the failures of this library that come back from a worker, as what they were: for an RPC or an HTTP API
 * of one's own too.
 *
 * @example
 * ```ts
 * import { Schema } from "effect"
 * import { Errors } from "effect-neuron"
 * import * as Remote from "effect-neuron/remote"
 *
 * const lost = new Errors.DeviceError({ backend: "webgl", reason: "lost" })
 * const sent = Schema.encodeSync(Remote.Failures)(lost)
 * sent // => { _tag: "DeviceError", backend: "webgl", reason: "lost" }
 * Schema.decodeUnknownSync(Remote.Failures)(sent) instanceof Errors.DeviceError // => true
 * ```
 */
export const Failures = /* @__PURE__ */ Schema.Union([
  sent(TensorError, "TensorError", { operation: Schema.String, cause }),
  sent(DataError, "DataError", {
    source: Schema.String,
    expected: Schema.String,
    actual: Schema.String,
    cause: Schema.optionalKey(cause)
  }),
  sent(NonFiniteError, "NonFiniteError", {
    metric: Schema.String,
    value: Schema.Number,
    step: Schema.Number,
    learningRate: Schema.optionalKey(Schema.Number),
    batch: Schema.optionalKey(Schema.String)
  }),
  sent(ShapeError, "ShapeError", {
    path: Schema.String,
    kind: Schema.String,
    expected: Schema.String,
    actual: Schema.Union([Schema.Array(Schema.NullOr(Schema.Number)), Schema.String])
  }),
  sent(CheckpointError, "CheckpointError", { path: Schema.String, reasons, cause: Schema.optionalKey(cause) }),
  sent(BackendError, "BackendError", { backend: Schema.String, cause }),
  sent(DeviceError, "DeviceError", { backend: Schema.String, reason: Schema.Literals(["lost", "out of memory"]) }),
  sent(TrainingUnavailable, "TrainingUnavailable", { operation: Schema.String, reason: Schema.String })
])
export type Failures = typeof Failures.Type
