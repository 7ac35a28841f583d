import { Result, Schema } from "effect"
import { DataError } from "../../core/errors.ts"
import type { ShapeTree } from "../../core/Shape.ts"
import type { Summary } from "../../layers/summary.ts"
import { parseObject } from "./json.ts"
import { states } from "./lifecycle.ts"
import type { State } from "./lifecycle.ts"
import { Networks, Shapes } from "./networks.ts"

/** What kind of training a run is: what its metrics are called, and how it is looked at, goes by it. */
export type Kind = "supervised" | "adversarial" | "other"

/** What was measured, by name: numbers mostly. */
export type Figures = { readonly [name: string]: unknown }

/** What `run.json` says about a run. What a file says beside it is kept, and stands in the object too. */
export interface Run {
  readonly format: 1
  /** The name of the experiment, or what the program has called it. */
  readonly experiment: string
  /** The file that exports it, from the folder of the run, behind `#` the name of the export; absent of the library's. */
  readonly file?: string
  readonly kind: Kind
  readonly state: State
  /** Why it failed, or was stopped. */
  readonly reason?: string
  /** What a person has called it, and has noted about it. */
  readonly name?: string
  readonly note?: string
  /** The command that made it, and the one that goes on with it, as they can be typed. */
  readonly command?: string
  readonly resume?: string
  /** When it began, and when this was written, in ISO 8601. */
  readonly created: string
  readonly updated: string
  /** How long it took: the steps of all that were taken, the test, and all together. */
  readonly seconds?: { readonly train: number; readonly test?: number; readonly total?: number }
  /** How many steps are taken. Those of a run that was killed may be fewer or more: `metrics.jsonl` knows. */
  readonly step: number
  /** How many steps there are to be. */
  readonly steps?: number
  readonly stepsPerEpoch?: number
  /** The step of the checkpoint from which it went on last. */
  readonly resumedFrom?: number
  /** The step at which it was made longer: patience counts the validations after it, and of those before the best one. */
  readonly patienceFrom?: number
  /** What it was configured with. */
  readonly config: { readonly [name: string]: unknown }
  readonly backend?: string
  readonly threads?: number
  readonly versions: { readonly [name: string]: string }
  /** The shapes of an example, by the names of its parts: `x`, `y`. */
  readonly shapes?: { readonly [name: string]: ShapeTree }
  /** How many examples each part of the data has: `train`, `validation`, `test`. */
  readonly sizes?: { readonly [part: string]: number }
  readonly classes?: ReadonlyArray<string>
  /** How examples and predictions are looked at. */
  readonly show?: { readonly [name: string]: unknown }
  /** What was trained, by name, as `Layers.summary` says it. */
  readonly networks?: { readonly [name: string]: Summary }
  /** The description of the model, as `Layers.describe` gives it; of several models one of each, by name. */
  readonly model?: unknown
  /** What was measured last on each split, and the step and the value of the best checkpoint. */
  readonly results?: {
    readonly [split: string]: Figures
  }
}

/** The files of a run's folder. */
export const runFile = "run.json"
export const metricsFile = "metrics.jsonl"
export const reportFile = "report.html"
export const lockFile = "run.lock"
/** What stood in the place of `run.json` up to version 0.1.0. */
export const summaryFile = "summary.json"
/** Pictures of what a generator draws, and texts that a language model has gone on with. */
export const samplesFolder = "samples"

/** The name of the picture of a step. Others may be in the folder too. */
export const sampleName = (step: number): string => `step-${String(step).padStart(6, "0")}.png`

/** The name of the text of a step. */
export const textName = (step: number): string => sampleName(step).replace(".png", ".json")

const stepIn = (name: string, pattern: RegExp): number | undefined => {
  const digits = pattern.exec(name)?.[1]
  return digits === undefined ? undefined : Number(digits)
}

/** The step of a picture of that name. */
export const stepOfSample = (name: string): number | undefined => stepIn(name, /^step-(\d{6,})\.png$/)

/** The step of a text of that name. */
export const stepOfText = (name: string): number | undefined => stepIn(name, /^step-(\d{6,})\.json$/)

/** What the text of a step is, as JSON. */
export const SampleText = Schema.Struct({ prompt: Schema.String, text: Schema.String })

const natural = Schema.Int.check(Schema.isGreaterThanOrEqualTo(0)), text = Schema.String
const record = Schema.Record(text, Schema.Unknown), time = Schema.Finite.check(Schema.isGreaterThanOrEqualTo(0))

/** What a run has to say; without it there is none. */
const Required = Schema.Struct({
  format: Schema.Literal(1),
  experiment: text,
  state: Schema.Literals(states),
  step: natural,
  created: text
})

type Rest = Omit<Run, keyof typeof Required.Type>

/** What it can say beside. What is there and is something else counts as missing. */
const rest: { readonly [K in keyof Rest]-?: Schema.Codec<Exclude<Rest[K], undefined>> } = {
  file: text,
  kind: Schema.Literals(["supervised", "adversarial", "other"]),
  reason: text,
  name: text,
  note: text,
  command: text,
  resume: text,
  updated: text,
  seconds: Schema.Struct({ train: time, test: Schema.optionalKey(time), total: Schema.optionalKey(time) }),
  steps: natural,
  stepsPerEpoch: natural,
  resumedFrom: natural,
  patienceFrom: natural,
  config: record,
  backend: text,
  threads: natural,
  versions: Schema.Record(text, text),
  shapes: Schema.Record(text, Shapes),
  sizes: Schema.Record(text, natural),
  classes: Schema.Array(text),
  show: record,
  networks: Networks,
  model: Schema.Unknown,
  results: Schema.Record(text, record)
}

const decodeRequired = Schema.decodeUnknownResult(Required)
const decoders = Object.entries<Schema.Codec<unknown>>(rest)
  .map(([name, schema]) => [name, Schema.decodeUnknownResult(schema)] as const)

/** What an object says about a run, tolerant of all that it need not say. */
export const decodeRun = (
  found: { readonly [name: string]: unknown },
  source: string
): Result.Result<Run, DataError> => {
  const required = decodeRequired(found)
  if (Result.isFailure(required)) {
    const actual = typeof found["format"] === "number" && found["format"] !== 1
      ? `one of format ${found["format"]}`
      : required.failure.message.replaceAll(/\s+/g, " ")
    return Result.fail(new DataError({ source, expected: "a run of format 1", actual, cause: required.failure }))
  }
  const run: { [name: string]: unknown } = { ...found, ...required.success }
  for (const [name, decode] of decoders) {
    if (!Object.hasOwn(found, name)) continue
    const value = decode(found[name])
    if (Result.isSuccess(value)) run[name] = value.success
    else delete run[name]
  }
  const missing = { kind: "other", updated: required.success.created, config: {}, versions: {} }
  return Result.succeed({ ...missing, ...run } as unknown as Run)
}

/**
 * What the text of a `run.json` says. Fails with a `DataError` when it is no JSON, too large or too deep, of another
 * format, or without what a run has to say: `format`, `experiment`, `state`, `step`, `created`.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Run } from "effect-neuron"
 *
 * const text = `{ "format": 1, "experiment": "xor", "state": "stopped", "step": 20, "steps": "many", "mine": true,
 *   "created": "2026-01-02T03:04:05.678Z" }`
 * const run = Result.getOrThrow(Run.parse(text))
 * run.state // => "stopped"
 * run.steps // => undefined
 * ```
 */
export const parse = (text: string, source = runFile): Result.Result<Run, DataError> =>
  Result.flatMap(parseObject(text, source, "a run"), (found) => decodeRun(found, source))
