import { Schema } from "effect"

/**
 * A data set is not on this machine and could not be fetched. Nothing is wrong with the data: without a network, catch
 * it by its tag and go on with other ones, `Effect.catchTag("DatasetUnavailable", () => Effect.succeed(digits()))`.
 */
export class DatasetUnavailable extends Schema.TaggedError<DatasetUnavailable>()("DatasetUnavailable", {
  dataset: Schema.String,
  /** What was tried, each with what came of it. */
  reasons: Schema.Array(Schema.String),
  /** What its user can do. */
  remedy: Schema.String
}) {
  override get message() {
    return `${this.dataset} is not available (${this.reasons.join("; ")}): ${this.remedy}`
  }
}
