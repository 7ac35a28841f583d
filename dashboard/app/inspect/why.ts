import type { Split } from "../../../src/experiment/index.ts"
import type { Life } from "../state/life.ts"
import type { Described } from "../training/definition.ts"

/** Why nothing of a run is shown; `failure` is that of what its worker was asked last. */
export const reasonOf = (
  { isLoaded, phase, run }: Pick<Life, "isLoaded" | "phase" | "run">,
  failure?: string | undefined
): string => {
  if (isLoaded) return failure === undefined ? "Waiting for the first answer…" : `The worker has no answer: ${failure}`
  if (run === undefined) return "There is no run: start one, or open one of those that are kept."
  if (phase === "starting") return "The run is being loaded…"
  if (phase === "stopped") return "The run was stopped before it was loaded: Continue loads it."
  return "The run has failed, and its worker is gone: Continue begins again from what was kept of it."
}

/** The parts of the data of an experiment on which mistakes are counted: those that have examples. */
export const splitsOf = ({ sizes }: Pick<Described, "sizes">): ReadonlyArray<Split> =>
  (["validation", "test"] as const).filter((split) => sizes[split] > 0)

/** Why there are no mistakes to be seen of an experiment, if there never are any. */
export const whyNoMistakes = (about: Pick<Described, "sizes">): string | undefined =>
  splitsOf(about).length === 0
    ? "The experiment has no examples for validation or test, on which mistakes could be counted."
    : undefined
