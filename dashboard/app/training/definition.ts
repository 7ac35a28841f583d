import { Schema } from "effect"
import * as Remote from "effect-neuron/remote"
import { Transferable } from "effect/workers"
import type { About, Experiment, Field } from "../../../src/experiment/index.ts"

/** What computes. A worker has one backend, which its training chooses. */
export const backends = ["wasm", "wasm, 2 threads", "wasm, 4 threads", "webgl", "webgpu"] as const

/** A configuration, or a part of one: JSON by the names of its fields. */
export type Config = { readonly [name: string]: unknown }

/** What is trained: an experiment by its name, with a part of its configuration. */
export interface Choice {
  readonly experiment: string
  readonly config: Config
}

/** The bytes of a file on their way to the worker: copies, for the page keeps its own. */
const bytes = Transferable.schema(
  Schema.declare((u): u is Uint8Array<ArrayBuffer> => u instanceof Uint8Array, { title: "bytes" }),
  () => []
)

/** What page and worker agree on. */
export const dashboard = Remote.define({
  config: Schema.Struct({
    choice: Schema.Struct({ experiment: Schema.String, config: Schema.Record(Schema.String, Schema.Unknown) }),
    backend: Schema.String,
    /** The run, by which its checkpoints are kept in the database of the page. */
    run: Schema.String,
    /** Whether to go on from the checkpoint that is kept, if there is one. */
    resume: Schema.Boolean,
    /** The checkpoint to go on from, of a run that is not kept. */
    checkpoint: Schema.optionalKey(bytes)
  }),
  input: Remote.arrays,
  output: Remote.arrays
})

/** An experiment as the page knows it. */
export interface Offered {
  readonly name: string
  readonly description?: string
  readonly kind: Experiment["kind"]
  readonly fields: ReadonlyArray<Field>
  /** The file that it is from; none for those of the library. */
  readonly file?: string
}

/** What the worker says of itself before it trains: what it can train. */
export interface Offer {
  readonly experiments: ReadonlyArray<Offered>
  /** What is wrong with files of experiments, each in a sentence. */
  readonly problems: ReadonlyArray<string>
}

/** What the worker says of the experiment that it trains. */
export interface Described extends About {
  /** What tells which validation is the best, where anything is validated: `validation.loss`. */
  readonly monitor?: string
  readonly config: Config
  readonly steps: number
  readonly stepsPerEpoch: number
  /** What it can be asked, by the names of the client. */
  readonly answers: ReadonlyArray<string>
}
