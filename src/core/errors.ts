import { Data } from "effect"
import { messageOf } from "./messageOf.ts"
import { format } from "./Shape.ts"
import type { Shape } from "./Shape.ts"

// Without schemas, which would be a tenth of a page that trains; `remote/failures.ts` has those.

/**
 * A layer was given examples of a shape that it cannot take: found when a model is initialized, or, for a batch of
 * another shape than the model was made for, when it runs.
 */
export class ShapeError extends Data.TaggedError("ShapeError")<{
  /** Where the layer is in its model, `block.conv1`; empty for a layer that is in none. */
  readonly path: string
  /** What the layer is, `conv2d`. */
  readonly kind: string
  /** What it takes, `[height, width, channels]`. */
  readonly expected: string
  readonly actual: Shape | string
}> {
  override get message() {
    const actual = typeof this.actual === "string" ? this.actual : format(this.actual)
    const layer = this.path === "" ? this.kind : `${this.path} (${this.kind})`
    return `${layer} expects ${this.expected}, got ${actual}`
  }
}

/** A tensor program threw. Every tensor that it had made is disposed. */
export class TensorError extends Data.TaggedError("TensorError")<{
  /** What was running, `train step 3`, and in which layer where one threw, `train step 3, in block.mine`. */
  readonly operation: string
  readonly cause: unknown
}> {
  override get message() {
    return `${this.operation}: ${messageOf(this.cause)}`
  }
}

/** A backend could not be started. */
export class BackendError extends Data.TaggedError("BackendError")<{
  readonly backend: string
  readonly cause: unknown
}> {
  override get message() {
    return `the ${this.backend} backend could not be started: ${messageOf(this.cause)}`
  }
}

/**
 * A GPU failed as a whole while it was used: it is lost, with all that was in its memory, or its memory was not enough.
 * Lost is what WebGL calls a lost context and WebGPU a lost device; building the backend's layer again gives a new one.
 */
export class DeviceError extends Data.TaggedError("DeviceError")<{
  readonly backend: string
  readonly reason: "lost" | "out of memory"
}> {
  override get message() {
    return this.reason === "lost"
      ? `the ${this.backend} device is lost, with all tensors on it`
      : `the ${this.backend} device is out of memory`
  }
}

/**
 * Whether an error is that of a device that is lost, or of a program that failed because of it (a checkpoint that was
 * being read, say): what is worth another try, with the backend's layer built again.
 *
 * @example
 * ```ts
 * import { Errors } from "effect-neuron"
 *
 * const lost = new Errors.DeviceError({ backend: "webgl", reason: "lost" })
 * Errors.isDeviceLost(new Errors.TensorError({ operation: "checkpoint", cause: lost })) // => true
 * Errors.isDeviceLost(new Errors.DeviceError({ backend: "webgl", reason: "out of memory" })) // => false
 * ```
 */
export const isDeviceLost = (error: unknown): boolean => deviceError(error)?.reason === "lost"

/**
 * The failure of a device that an error is, or has as its cause.
 *
 * @example
 * ```ts
 * import { Errors } from "effect-neuron"
 *
 * Errors.deviceError(new Error("something else")) // => undefined
 * ```
 */
export const deviceError = (error: unknown): DeviceError | undefined => {
  if (error instanceof DeviceError) return error
  const cause = error instanceof Error ? error.cause : undefined
  return cause instanceof DeviceError ? cause : undefined
}

/**
 * Data are not what they should be: a file that is cut short, examples of different shapes, an image of another size.
 */
export class DataError extends Data.TaggedError("DataError")<{
  /** Where: a path, an address, an example. */
  readonly source: string
  readonly expected: string
  readonly actual: string
  readonly cause?: unknown
}> {
  override get message() {
    return `${this.source}: expected ${this.expected}, found ${this.actual}`
  }
}

// A file of another model differs in every leaf: a message with all of them says no more than one with a few.
const SHOWN = 8

/** A checkpoint could not be written, read, or fitted to the model. */
export class CheckpointError extends Data.TaggedError("CheckpointError")<{
  readonly path: string
  /** One sentence for each thing that is wrong, with the path of the leaf. */
  readonly reasons: ReadonlyArray<string>
  readonly cause?: unknown
}> {
  override get message() {
    const { length } = this.reasons, rest = length > SHOWN ? `; and ${length - SHOWN} more` : ""
    return `${this.path}: ${this.reasons.slice(0, SHOWN).join("; ")}${rest}`
  }
}

/** A loss, or a value of the state that a step made, was not a finite number. The state is the one before the step. */
export class NonFiniteError extends Data.TaggedError("NonFiniteError")<{
  /** The name of the loss, or the path of the value in the state: `params.head.kernel`. */
  readonly metric: string
  readonly value: number
  readonly step: number
  readonly learningRate?: number
  /** The first value of the step's batch that is not finite, if there is one: `NaN in x at [3, 0]`. */
  readonly batch?: string
}> {
  override get message() {
    const rate = this.learningRate === undefined ? "" : ` with learning rate ${this.learningRate}`
    const batch = this.batch === undefined ? "" : `; its batch has ${this.batch}`
    return `${this.metric} is ${this.value} at step ${this.step}${rate}: expected a finite number${batch}`
  }
}
