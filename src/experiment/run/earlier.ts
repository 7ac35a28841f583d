import { Result } from "effect"
import type { DataError } from "../../core/errors.ts"
import { decodeRun } from "./format.ts"
import type { Run } from "./format.ts"
import { parseObject } from "./json.ts"

type Fields = { readonly [name: string]: unknown }

const fieldsOf = (value: unknown): Fields =>
  typeof value === "object" && value !== null && !Array.isArray(value) ? value as Fields : {}

const stateOf = ({ status, test }: Fields): unknown =>
  status === "interrupted" ? "stopped" : status === "finished" && test !== undefined ? "tested" : status

/** What a `summary.json` of version 0.1.0 says, in the form of today. `created` is when its folder was. */
export const parseSummary = (text: string, source: string, created: string): Result.Result<Run, DataError> =>
  Result.flatMap(parseObject(text, source, "the summary of a run"), (found) => {
    const { error, judged, status: _, test, train, ...others } = found
    const config = fieldsOf(found["config"])
    const results = Object.entries({ train, test, judged }).filter(([, figures]) => figures !== undefined)
    return decodeRun({
      ...others,
      format: 1,
      experiment: "criticSteps" in config
        ? "generator"
        : typeof config["dataset"] === "string"
        ? config["dataset"]
        : "",
      kind: "criticSteps" in config ? "adversarial" : "supervised",
      state: stateOf(found),
      created,
      ...(error === undefined ? {} : { reason: error }),
      ...(config["backend"] === undefined ? {} : { backend: config["backend"] }),
      results: Object.fromEntries(results)
    }, source)
  })
