import { Effect } from "effect"
import type { FileSystem, Path } from "effect"
import * as Checkpoint from "../checkpoint/index.ts"
import { stepOf } from "../checkpoint/saving.ts"
import type { ExperimentTrainer, Opened } from "../experiment/index.ts"
import { count } from "../experiment/report/numbers.ts"
import type { Run } from "../experiment/run/format.ts"
import { called, quoted } from "./called.ts"
import { flaggedOf } from "./experimentFlags.ts"
import { flagNameOf } from "./fieldFlags.ts"
import { sentence } from "./figures.ts"
import type { Plan } from "./runPlan.ts"

type Files = FileSystem.FileSystem | Path.Path

/** What is trained, and on what. */
export const beginning = (
  { from, found, reference: { config } }: Plan,
  { about: { sizes } }: Pick<Opened, "about">,
  taken: number
): string => {
  const { experiment: { name } } = found,
    validated = sizes.validation === 0 ? "" : `, ${count(sizes.validation)} held out`
  const of = sizes.train === 0 ? "" : `: ${count(sizes.train)} examples${validated}`
  const batch = config["batchSize"] === undefined ? "" : `, batches of ${config["batchSize"]}`
  const seed = config["seed"] === undefined ? "" : `, seed ${config["seed"]}`
  return `${
    from === undefined ? "training" : `going on from ${from} at step ${taken + 1} with`
  } ${name}${of}${batch}${seed}`
}

/** What can be predicted, by how inputs are looked at. */
const inputsOf = {
  ...{ image: "image.png", row: "rows.csv", point: "points.csv", series: "series.csv" },
  ...{ text: "'some text'", class: "inputs.jsonl" }
}

/** What has come of it, and what can be done with it. */
export const conclusion = (
  { folder, found: { experiment }, reference }: Plan,
  { about: { show, sizes }, generate, inspections, picture, sample, steps }: Opened<Files>,
  { results: { best, test } = {} }: Run,
  taken: number
): ReadonlyArray<string> => {
  const where = quoted(folder), { config } = reference, length = Number(config[experiment.grows])
  const longer = experiment.grows === "epochs" ? length + 2 : 2 * length
  const flag = flagNameOf(experiment.grows, flaggedOf(experiment))
  const made = picture !== undefined ? ", samples (pictures)" : sample === undefined ? "" : ", samples (texts)"
  const inputs = show === undefined ? "inputs.jsonl" : inputsOf[show.input.kind]
  return [
    ...(test === undefined ? [] : [`test ${sentence(test)}, on ${count(sizes.test)} examples that it has never seen`]),
    ...(taken < steps
      ? [`no better validation for ${config["patience"]} epochs: ended after step ${count(taken)} of ${count(steps)}`]
      : []),
    `${folder}: model.safetensors (weights, optimizer, step), ` +
    (best === undefined ? "" : `best.safetensors (that of step ${count(Number(best["step"]))}), `) +
    `metrics.jsonl (a line per step), run.json, report.html${made}`,
    experiment.kind === "adversarial"
      ? `sample: ${called("effect-neuron gan sample")} ${where} --out grid.png`
      : generate !== undefined
      ? `go on with a text: ${called("effect-neuron generate")} ${where} --prompt 'some text'`
      : inspections.predict === undefined
      ? ""
      : `predict: ${called("effect-neuron predict")} ${where} ${inputs}`,
    `train on: ${called("effect-neuron train")} --resume ${where} --${flag} ${longer}`
  ].filter((line) => line !== "")
}

/** After which step a run has ended, and what can be gone on with. */
export const goingOn = (folder: string, trainer: ExperimentTrainer) =>
  Effect.gen(function*() {
    const step = yield* stepOf(trainer), [newest] = yield* Effect.orElseSucceed(Checkpoint.list(folder), () => [])
    const at = step === 0 ? "before its first step" : `after step ${step}`
    if (newest === undefined) return `${at}, nothing is saved; begin anew with`
    return newest.step === step ? `${at}; go on with` : `${at}; go on from step ${newest.step} with`
  })
