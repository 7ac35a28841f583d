import { Effect } from "effect"
import type { Run } from "effect-neuron"
import type { RunFolder } from "../../../src/cli/dashboard/runFolders.ts"
import { figureAt } from "../../../src/experiment/figureAt.ts"
import { count } from "../../../src/experiment/report/numbers.ts"
import type { Choice, Described } from "../training/definition.ts"
import { offered } from "../training/offer.ts"
import { beginning, holding, make, refuse } from "./commands.ts"
import { askAside } from "./connection.ts"
import * as database from "./database.ts"
import { addLines, addRun, nextNumber } from "./runs.ts"
import { empty } from "./series.ts"
import { about, checkpointOf, metricsUpTo } from "./server.ts"
import { session } from "./session.ts"
import { settings } from "./settings.ts"
import { makeStore } from "./store.ts"

/** The checkpoints of a run folder that a run of the page can begin with. */
export type Weights = "model.safetensors" | "best.safetensors"

/** What is being opened: it takes a while, and is one at a time. */
export const opening = makeStore<{ readonly folder: string | undefined; readonly weights: Weights | undefined }>({
  folder: undefined,
  weights: undefined
})

/** The name of the file that exports the experiment of a run, as the command line has noted it. */
const fileOf = ({ file }: Pick<Run.Run, "file">): string | undefined => file?.replace(/#.*$/, "").replace(/^.*\//, "")

/** Why a run folder cannot be opened in this page, in a sentence; nothing if it can. */
export const whyNot = ({ earlier, problem, run }: RunFolder): string | undefined => {
  if (run === undefined) return problem ?? "It cannot be read."
  if (earlier) return "Version 0.1.0 has trained it, and later ones do not go on with that."
  const { config, experiment } = run, file = fileOf(run), found = offered(experiment)
  if (file !== undefined && found?.file !== file) {
    return `Its experiment is in ${file}, and the dashboard was not started with that file.`
  }
  if (found === undefined) {
    return `The dashboard was not started with a file that exports its experiment, ${experiment}.`
  }
  const isMnist = experiment === "mnist" || config["dataset"] === "mnist"
  return found.file === undefined && isMnist && !about.get().mnist
    ? "It takes MNIST, which is not on the machine of the dashboard: start it with --data-dir, or MNIST_DIR, where its files are."
    : undefined
}

/** What was monitored in the validations of a run, so that its patience counts them. */
const judgedIn = (lines: ReadonlyArray<Run.Line>, monitor = ""): ReadonlyArray<database.Judged> =>
  lines.flatMap((line) => {
    const found = figureAt({ [line.split]: line }, monitor)
    return found === undefined ? [] : [[line.step, found] as const]
  })

/** Begins a run of the page, paused, with a checkpoint of a run folder, which stays as it is. */
export const openFolder = async (folder: RunFolder, weights: Weights): Promise<void> => {
  const problem = whyNot(folder), { name, run } = folder
  if (problem !== undefined || run === undefined) return refuse(`${name} cannot be opened. ${problem}`)
  await beginning(async () => {
    opening.set({ folder: name, weights })
    session.set({ announcement: `opening ${name}` })
    const choice: Choice = { experiment: run.experiment, config: run.config }, { backend } = settings.get()
    const checkpoint = await checkpointOf(name, weights)
    // One that does not fit is found out beside, before anything has begun or is kept.
    const { monitor, step, steps } = await askAside((client) =>
      Effect.gen(function*() {
        const { step } = yield* client.start({ choice, backend, checkpoint, run: "", resume: false }, { paused: true })
        return { ...(yield* client.about) as Described, step }
      })
    )
    const course = { train: empty(), others: {} }, lines = await metricsUpTo(name, step)
    addLines(course, lines)
    const at = count(step), isBest = weights === "best.safetensors"
    const made = make({
      ...{ choice, backend, ...course, stepsPerEpoch: run.stepsPerEpoch },
      name: `${nextNumber()} ${run.name ?? name}${isBest ? ", best" : ""}`,
      note: isBest
        ? `begun with the best weights of the run folder ${name}, of step ${at}`
        : `begun at step ${at} of the run folder ${name}`,
      phase: step >= steps ? "finished" : "paused"
    })
    await holding(made.id, () => database.save(made, checkpoint, judgedIn(lines, monitor)))
    addRun(made)
    return { run: made.id, as: made.phase }
  }, `${name} cannot be opened: `).finally(() => opening.set({ folder: undefined, weights: undefined }))
}
