import { Schema } from "effect"

/** The options of a command do not fit together, or mean nothing that is there. */
export class UsageError extends Schema.TaggedError<UsageError>()("UsageError", {
  message: Schema.String,
  cause: Schema.optionalKey(Schema.Defect())
}) {}
