import type { Tensor } from "@tensorflow/tfjs-core"
import { Result } from "effect"
import type { Effect } from "effect"
import type { Backend } from "../../backend/Backend.ts"
import type { ShapeError, TensorError } from "../../core/errors.ts"
import * as Key from "../../core/Key.ts"
import { format, size, unify } from "../../core/Shape.ts"
import type { Shape } from "../../core/Shape.ts"
import type { Tree } from "../../core/Tree.ts"
import type { Latent } from "../../datasets/noise.ts"
import { under } from "../../layers/children.ts"
import { initialize } from "../../layers/initialize.ts"
import { mismatch } from "../../layers/Layer.ts"
import type { Layer } from "../../layers/Layer.ts"
import type { GradientTransformation, OptState } from "../../optimizers/transformation.ts"

/**
 * The two networks. The generator makes an example from noise; the critic gives an example one number: a logit of being
 * real, or a score. With `conditional` both also get a label, `{ x, y }`: the generator beside the noise, the critic
 * beside the example.
 */
export type Adversaries<PG extends Tree, SG extends Tree, PC extends Tree, SC extends Tree> =
  | {
    readonly generator: Layer<PG, SG>
    readonly critic: Layer<PC, SC>
    readonly conditional?: false
  }
  | {
    readonly generator: Layer<PG, SG, Labeled>
    readonly critic: Layer<PC, SC, Labeled>
    readonly conditional: true
  }

/** What a conditional network takes: noise or an example, and a label. */
export type Labeled = { readonly x: Tensor; readonly y: Tensor }

/** All that training changes in one of the two networks. */
export type Adversary<P extends Tree, S extends Tree> = {
  readonly params: P
  readonly state: S
  readonly opt: OptState
}

/** All that adversarial training changes, as one immutable tree. */
export type AdversarialState<PG extends Tree, SG extends Tree, PC extends Tree, SC extends Tree> = {
  /** The number of updates of the generator. */
  readonly step: number
  readonly generator: Adversary<PG, SG>
  readonly critic: Adversary<PC, SC>
  /** The moving average of the generator's parameters; they themselves where a step is made without `averageDecay`. */
  readonly average: PG
  readonly key: Key.Key
}

/**
 * The state at step 0 of two networks that are trained against each other, with an optimizer for each. `latent` is the
 * noise, of which the shape counts here, `input` the shape of one example, and `label` that of a label for conditional
 * networks (`[]` for class indices). The caller owns its tensors; `Train.make` takes them over.
 *
 * Fails with a `ShapeError` when a network cannot take what it is given, when the generator does not make examples of
 * the shape `input`, or when the critic gives an example more than one number.
 *
 * @example
 * ```ts
 * import { Effect } from "effect"
 * import { Adversarial, Backend, Key, Layers, Optimizers } from "effect-neuron"
 *
 * const init = Adversarial.init({
 *   generator: Layers.dense(2),
 *   critic: Layers.dense(1),
 *   optimizers: { generator: Optimizers.adam(1e-3), critic: Optimizers.adam(1e-3) },
 *   latent: { shape: [4] },
 *   input: [2],
 *   key: Key.make(1)
 * })
 * const state = await Effect.runPromise(Effect.provide(init, Backend.layerWasm))
 * state.generator.params.kernel.shape // => [4, 2]
 * state.critic.params.kernel.shape // => [2, 1]
 * ```
 */
export const init = <PG extends Tree, SG extends Tree, PC extends Tree, SC extends Tree>(
  options: Adversaries<PG, SG, PC, SC> & {
    readonly optimizers: { readonly generator: GradientTransformation; readonly critic: GradientTransformation }
    readonly latent: Latent
    readonly input: Shape
    readonly label?: Shape
    readonly key: Key.Key
  }
): Effect.Effect<AdversarialState<PG, SG, PC, SC>, ShapeError | TensorError, Backend> => {
  const { conditional = false, input, key, label = [], latent, optimizers } = options
  const generator = options.generator as Layer<PG, SG, Tree>, critic = options.critic as Layer<PC, SC, Tree>
  const taken = (shape: Shape) => conditional ? { x: shape, y: label } : shape
  return initialize(() =>
    Result.gen(function*() {
      const [initKey, trainKey] = Key.split(key), [generatorKey, criticKey] = Key.split(initKey)
      const made = yield* under("generator", generator.init(generatorKey, taken(latent.shape)))
      if (unify(made.output, input) === undefined) {
        return yield* mismatch("generator", `to make examples of ${format(input)}`, made.output)
      }
      const judge = yield* under("critic", critic.init(criticKey, taken(input)))
      if (size(judge.output) !== 1) return yield* mismatch("critic", "to give one number for an example", judge.output)
      return {
        step: 0,
        generator: { params: made.params, state: made.state, opt: optimizers.generator.init(made.params) },
        critic: { params: judge.params, state: judge.state, opt: optimizers.critic.init(judge.params) },
        average: made.params,
        key: trainKey
      }
    })
  )
}
