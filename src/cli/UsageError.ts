import { Schema } from "effect"

/** The options of a command do not fit together. */
export class UsageError extends Schema.TaggedError<UsageError>()("UsageError", { message: Schema.String }) {}
