import { Schema } from "effect"
import {
  BackendError,
  CheckpointError,
  DataError,
  DeviceError,
  NonFiniteError,
  ShapeError,
  TensorError
} from "../core/errors.ts"

/** What a client asked for cannot be had now, or not of this training. */
export class TrainingUnavailable extends Schema.TaggedError<TrainingUnavailable>()("TrainingUnavailable", {
  operation: Schema.String,
  reason: Schema.String
}) {
  override get message() {
    return `${this.operation}: ${this.reason}`
  }
}

/**
 * The worker could not be started, crashed, or ended; what was in it is lost. A new one takes its place when something is
 * asked of it again. `reason` is the message of the error that ended its program, where one did.
 */
export class WorkerLost extends Schema.TaggedError<WorkerLost>()("WorkerLost", {
  reason: Schema.String,
  cause: Schema.Defect()
}) {
  override get message() {
    return `the worker is lost: ${this.reason}`
  }
}

/** The failures of this library that come back from a worker, as what they were. */
export const Failures = /* @__PURE__ */ Schema.Union([
  TensorError,
  DataError,
  NonFiniteError,
  ShapeError,
  CheckpointError,
  BackendError,
  DeviceError,
  TrainingUnavailable
])
export type Failures = typeof Failures.Type
