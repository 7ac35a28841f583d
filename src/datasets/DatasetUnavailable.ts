import { Data } from "effect"

/**
 * A data set is not on this machine and could not be fetched. Nothing is wrong with the data: without a network, catch
 * it by its tag and go on with other ones, `Effect.catchTag("DatasetUnavailable", () => Effect.succeed(digits()))`.
 */
export class DatasetUnavailable extends Data.TaggedError("DatasetUnavailable")<{
  readonly dataset: string
  /** What was tried, each with what came of it. */
  readonly reasons: ReadonlyArray<string>
  /** What its user can do. */
  readonly remedy: string
}> {
  override get message() {
    return `${this.dataset} is not available (${this.reasons.join("; ")}): ${this.remedy}`
  }
}
