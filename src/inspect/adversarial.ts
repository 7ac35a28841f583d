import { Effect } from "effect"
import { computedByPath } from "../backend/copies.ts"
import { toTensors } from "../backend/host.ts"
import { DataError } from "../core/errors.ts"
import { isNdArray } from "../core/NdArray.ts"
import type { HostTree, NdArray } from "../core/NdArray.ts"
import type { Tree } from "../core/Tree.ts"
import type { Layer } from "../layers/Layer.ts"
import { activations } from "../layers/observe.ts"
import type { GradientTransformation } from "../optimizers/transformation.ts"
import type { Inspections } from "../remote/training.ts"
import type { Evaluation } from "../remote/wire.ts"
import type { AdversarialState, Adversaries } from "../train/adversarial/AdversarialState.ts"
import type { AdversarialBatch, AdversarialMeasured } from "../train/adversarial/adversarialStep.ts"
import { draw } from "../train/adversarial/sample.ts"
import type { Step } from "../train/Step.ts"
import { afterStep, keeping, measuring, readNorms } from "./gradientNorms.ts"

/** What updates the two networks. */
export type AdversarialOptimizers = {
  readonly generator: GradientTransformation
  readonly critic: GradientTransformation
}

type Asked = { readonly x: NdArray; readonly y: NdArray | undefined }

const asked = (conditional: boolean, input: HostTree): Effect.Effect<Asked, DataError> => {
  const { x, y } = input as { readonly [name: string]: HostTree | undefined }
  if (!conditional && isNdArray(input)) return Effect.succeed({ x: input, y: undefined })
  if (conditional && isNdArray(x) && isNdArray(y)) return Effect.succeed({ x, y })
  return Effect.fail(
    new DataError({
      source: "input of a generator",
      expected: conditional ? "{ x, y }: noise, and labels" : "an array of noise",
      actual: isNdArray(input) ? "one array" : `{ ${Object.keys(input).join(", ")} }`
    })
  )
}

/** What is asked about an adversarial training. */
export type AskedOfNetworks<PG extends Tree, SG extends Tree, PC extends Tree, SC extends Tree, E, R> =
  & Adversaries<PG, SG, PC, SC>
  & {
    readonly step?: (
      optimizers: AdversarialOptimizers
    ) => Step<AdversarialState<PG, SG, PC, SC>, AdversarialBatch, AdversarialMeasured>
    readonly evaluate?: (state: AdversarialState<PG, SG, PC, SC>) => Effect.Effect<Evaluation, E, R>
  }

/** All that can be asked about an adversarial training. */
export const adversarialInspections = <PG extends Tree, SG extends Tree, PC extends Tree, SC extends Tree, E, R>(
  options: AskedOfNetworks<PG, SG, PC, SC, E, R>
): Inspections<AdversarialState<PG, SG, PC, SC>, AdversarialBatch, E | DataError, R, HostTree, NdArray> => {
  const { conditional = false, evaluate, step } = options
  const generator = options.generator as Layer<PG, SG, Tree>, critic = options.critic as Layer<PC, SC, Tree>
  type State = AdversarialState<PG, SG, PC, SC>

  const observed = (state: State, { x, y }: Asked) =>
    computedByPath("activations", () => {
      const label = y === undefined ? undefined : toTensors(y)
      const given = (x: Tree): Tree => label === undefined ? x : { x, y: label }
      const made = activations(generator, state.generator.params, state.generator.state, given(toTensors(x)))
      const scored = activations(critic, state.critic.params, state.critic.state, given(made.at(-1)![1]))
      const below = (network: string, outputs: typeof made) =>
        outputs.map(([path, y]) => [path === "" ? network : `${network}.${path}`, y] as const)
      return [...below("generator", made), ...below("critic", scored)]
    })

  const measured = step?.({ generator: measuring, critic: measuring })
  const kept = step?.({ generator: keeping, critic: keeping })
  const forgetful = (state: State): State => ({
    ...state,
    generator: { ...state.generator, opt: {} },
    critic: { ...state.critic, opt: {} }
  })
  const optimizersOf = ({ critic, generator }: State) => ({ generator: generator.opt, critic: critic.opt })
  return {
    predict: (state, input) => Effect.flatMap(asked(conditional, input), ({ x, y }) => draw(options, state, x, y)),
    activations: (state, input) => Effect.flatMap(asked(conditional, input), (input) => observed(state, input)),
    ...(measured === undefined ? {} : {
      gradientNorms: (state: State, batch: AdversarialBatch) =>
        afterStep(measured, forgetful(state), batch, (next) => readNorms(() => optimizersOf(next)))
    }),
    ...(kept === undefined ? {} : {
      gradients: (state: State, batch: AdversarialBatch) =>
        afterStep(
          kept,
          forgetful(state),
          batch,
          (next) => computedByPath("gradients", () => [["", optimizersOf(next)]])
        )
    }),
    observed: (state, { noise, real }) =>
      observed(state, { x: noise.at(-1)!, y: conditional ? real.at(-1)!.y : undefined }),
    ...(evaluate === undefined ? {} : { evaluate })
  }
}
