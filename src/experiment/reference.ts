import { Effect, Option, Schema } from "effect"
import { Backend } from "../backend/Backend.ts"
import type { Metadata } from "../checkpoint/format.ts"

/** What a checkpoint says of its experiment: its name, the file that exports it, and its configuration. */
export interface Reference {
  readonly experiment: string
  /** Relative to the folder of the run. A page knows the name of a file, and not where it is. */
  readonly file?: string
  readonly config: { readonly [name: string]: unknown }
  readonly backend: "wasm" | "cpu"
}

const KEY = "experiment"

const Stored = /* @__PURE__ */ Schema.fromJsonString(
  /* @__PURE__ */ Schema.Struct({
    experiment: Schema.String,
    file: /* @__PURE__ */ Schema.optionalKey(Schema.String),
    config: /* @__PURE__ */ Schema.Record(Schema.String, Schema.Unknown),
    backend: /* @__PURE__ */ Schema.Literals(["wasm", "cpu"])
  })
)

/** What of the backends that every machine has stands for one: weights of a GPU are used on WebAssembly. */
export const portable = (backend: string): Reference["backend"] => backend === "cpu" ? "cpu" : "wasm"

/** The metadata that a checkpoint of a run has, so that it can be used without its folder. */
export const toMetadata = ({ backend, config, experiment, file }: Reference): Metadata => ({
  [KEY]: JSON.stringify({ experiment, ...(file === undefined ? {} : { file }), config, backend })
})

/** What {@link toMetadata} has written; nothing of other files. */
export const ofMetadata = (metadata: Metadata): Reference | undefined =>
  Option.getOrUndefined(Schema.decodeUnknownOption(Stored)(metadata[KEY]))

/** {@link toMetadata} of an experiment that is computed by the backend that there is. */
export const referring = (
  reference: Omit<Reference, "backend">
): Effect.Effect<Metadata, never, Backend> =>
  Effect.map(Backend, ({ name }) => toMetadata({ ...reference, backend: portable(name) }))
