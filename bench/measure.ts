import { Effect } from "effect"
import type { Layers, Tree } from "../src/index.ts"
import { makeBareStep } from "./bareStep.ts"
import { makePipelinedStep } from "./pipelinedStep.ts"
import { timed } from "./timing.ts"
import type { Sample } from "./timing.ts"
import type { Torch } from "./torch.ts"

export type Contestant = "bare" | "bareAccuracy" | "pipeline" | "torch"

/** The samples of one model, one of each contestant per round. */
export interface Measurement {
  readonly model: string
  readonly startup: number
  /** The epoch of the pipeline in each round; in the first one, files are read and unpacked. */
  readonly epochs: ReadonlyArray<number>
  readonly samples: { readonly [C in Contestant]: ReadonlyArray<Sample> }
}

/**
 * Measures all contestants in turns: a round takes `steps` steps of each, and each round starts with another one, so
 * that what else runs on the machine falls on all of them alike.
 */
export const measure = <P extends Tree.Tree, S extends Tree.Tree>(options: {
  readonly name: string
  readonly model: Layers.Layer<P, S>
  readonly rounds: number
  readonly steps: number
  readonly directory: string
  readonly torch: Torch | undefined
}) =>
  Effect.gen(function*() {
    const { directory, model, name, rounds, steps, torch } = options
    const bare = yield* makeBareStep(model, false)
    const bareAccuracy = yield* makeBareStep(model, true)
    // Whatever comes first pays for compilation, which is not to count as the start of the pipeline.
    yield* timed(steps, bare)
    yield* timed(steps, bareAccuracy)
    const pipeline = yield* makePipelinedStep(model, directory)
    yield* timed(steps, pipeline.next)
    if (torch !== undefined) yield* torch.steps(name, steps)

    const samples: { readonly [C in Contestant]: Array<Sample> } = {
      bare: [],
      bareAccuracy: [],
      pipeline: [],
      torch: []
    }
    const epochs: Array<number> = []
    const turns = [
      Effect.map(timed(steps, bare), (sample) => samples.bare.push(sample)),
      Effect.map(timed(steps, bareAccuracy), (sample) => samples.bareAccuracy.push(sample)),
      Effect.map(timed(steps, pipeline.next), (sample) => {
        samples.pipeline.push(sample)
        epochs.push(pipeline.position.epoch)
      }),
      ...(torch === undefined ? [] : [Effect.map(torch.steps(name, steps), (sample) => samples.torch.push(sample))])
    ]
    for (let round = 0; round < rounds; round++) {
      for (let turn = 0; turn < turns.length; turn++) yield* turns[(round + turn) % turns.length]!
    }
    return { model: name, startup: pipeline.position.startup, epochs, samples } satisfies Measurement
  }).pipe(Effect.scoped)
