import type { Described, Offered } from "./training/definition.ts"

export const views = [
  ["training", "Training"],
  ["network", "Network"],
  ["try", "Try it"],
  ["mistakes", "Mistakes"],
  ["summary", "Summary"],
  ["runs", "Runs"]
] as const
export type View = (typeof views)[number][0]

type Kind = Offered["kind"]

/** What is asked in a view. */
const asked: { readonly [V in View]?: string } = { network: "activations", try: "predict", mistakes: "examine" }

/** What there is of a training before it is loaded: a generator makes no mistakes that could be counted. */
const expected: { readonly [K in Kind]: ReadonlyArray<string> } = {
  supervised: ["activations", "predict", "examine"],
  adversarial: ["activations", "predict"],
  other: []
}

/** Whether there are examples that a view needs; a generator is shown what it makes itself. */
const hasExamples = (view: View, kind: Kind, { sizes: { test, train, validation } }: Described): boolean =>
  view === "mistakes" ? validation + test > 0 : kind === "adversarial" || train + validation + test > 0

/** The views that there are of a training: of what it can be asked, once it has said that. */
export const viewsOf = (kind: Kind, about: Described | undefined): ReadonlyArray<View> =>
  views.flatMap(([view]) => {
    const question = asked[view]
    if (question === undefined) return [view]
    // Each layer of a language model gives as much again for each token: what can be seen of that is in the view where
    // it is tried.
    if (view === "network" && about?.answers.includes("generate")) return []
    const isAnswered = (about?.answers ?? expected[kind]).includes(question)
    return isAnswered && (about === undefined || hasExamples(view, kind, about)) ? [view] : []
  })
