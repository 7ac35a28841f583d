import type { Schema } from "effect"

/** A schema that needs no services. */
export type Codec<A = unknown> = Schema.Codec<A, unknown, never, never>
