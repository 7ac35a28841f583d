import { add, addN, clipByValue, mean, mul, reshape, scalar, tensor1d } from "@tensorflow/tfjs-core"
import type { Scalar, Tensor } from "@tensorflow/tfjs-core"
import { hasGradient } from "../../autodiff/noGradient.ts"
import { valueAndGrad } from "../../autodiff/valueAndGrad.ts"
import { toTensors } from "../../backend/host.ts"
import { scoped } from "../../backend/scope.ts"
import * as Key from "../../core/Key.ts"
import type { NdArray } from "../../core/NdArray.ts"
import * as Random from "../../core/Random.ts"
import { format } from "../../core/Shape.ts"
import * as Tree from "../../core/Tree.ts"
import type { Layer } from "../../layers/Layer.ts"
import { globalNorm } from "../../optimizers/globalNorm.ts"
import type { GradientTransformation } from "../../optimizers/transformation.ts"
import { nextAverage } from "../averaging.ts"
import { step } from "../Step.ts"
import type { Step } from "../Step.ts"
import { update } from "../update.ts"
import type { AdversarialState, Adversaries, Adversary } from "./AdversarialState.ts"
import { gradientPenalty, interpolates } from "./gradientPenalty.ts"
import type { PenaltyOptions } from "./gradientPenalty.ts"
import { labelKeys, labels } from "./labels.ts"
import type { LabelOptions } from "./labels.ts"
import type { AdversarialLoss } from "./losses.ts"

/** Real examples for an update of the critic, with the labels that conditional networks take. */
export type RealBatch = { readonly x: NdArray; readonly y?: NdArray; readonly size: number }

/**
 * What one step of adversarial training takes: real examples for each update of the critic, and noise for each of these
 * and for the update of the generator that follows. `Pipeline.withNoise` makes it.
 */
export type AdversarialBatch = {
  readonly real: ReadonlyArray<RealBatch>
  readonly noise: ReadonlyArray<NdArray>
  /** The number of real examples. */
  readonly size: number
  readonly epoch?: number
  readonly endOfEpoch?: boolean
}

/** What an adversarial step measures: means over its updates of the critic, and its update of the generator. */
export type AdversarialMeasured = {
  /** What the critic minimizes, a gradient penalty included. */
  readonly criticLoss: Scalar
  readonly generatorLoss: Scalar
  /** The mean of `(‖∂score/∂x‖ - 1)²`, without its factor; 0 where there is no penalty. */
  readonly gradientPenalty: Scalar
  /** The mean score of real examples. */
  readonly realScore: Scalar
  /** The mean score of generated examples. */
  readonly fakeScore: Scalar
  readonly criticGradientNorm: Scalar
  readonly generatorGradientNorm: Scalar
  readonly size: number
  readonly epoch: number
  readonly endOfEpoch: boolean
}

/** What all adversarial steps are told. */
export type AdversarialOptions<PG extends Tree.Tree, SG extends Tree.Tree, PC extends Tree.Tree, SC extends Tree.Tree> =
  & Adversaries<PG, SG, PC, SC>
  & {
    readonly optimizers: { readonly generator: GradientTransformation; readonly critic: GradientTransformation }
    /**
     * The share that the average of the generator's parameters keeps in each step, from 0 to 1, by default 0: no
     * averaging. At most `(1 + step) / (10 + step)`, so that the first parameters are soon forgotten.
     */
    readonly averageDecay?: number
  }

/** What sets one kind of adversarial training apart from another. */
export interface Rules {
  readonly loss: AdversarialLoss
  readonly labels?: Required<LabelOptions>
  /** The gradient penalty and its factor. */
  readonly penalty?: PenaltyOptions & { readonly lambda: number }
  /** The limit of the critic's parameters after each update. */
  readonly clip?: number
}

/** The step of adversarial training: updates of the critic, one for each real batch, and one of the generator. */
export const adversarialStep = <
  PG extends Tree.Tree,
  SG extends Tree.Tree,
  PC extends Tree.Tree,
  SC extends Tree.Tree
>(
  options: AdversarialOptions<PG, SG, PC, SC>,
  { clip, labels: { fake: fakeLabel, noise, real: realLabel } = { real: 1, fake: 0, noise: 0 }, loss, penalty }: Rules
): Step<AdversarialState<PG, SG, PC, SC>, AdversarialBatch, AdversarialMeasured> => {
  const { averageDecay = 0, conditional = false, optimizers } = options
  if (!(averageDecay >= 0 && averageDecay < 1)) {
    throw new RangeError(`averageDecay is from 0 to below 1, got ${averageDecay}`)
  }
  const generator = options.generator as Layer<PG, SG, Tree.Tree>
  const critic = options.critic as Layer<PC, SC, Tree.Tree>

  const given = (x: Tensor, y: Tensor | undefined): Tree.Tree => {
    if (!conditional) return x
    if (y === undefined) throw new Error("conditional networks take labels: a batch of { x, y }, got { x }")
    return { x, y }
  }
  const judge = (params: PC, state: SC, x: Tensor, y: Tensor | undefined, key: Key.Key): readonly [Tensor, SC] => {
    const [scores, next] = critic.apply(params, state, given(x, y), { training: true, key })
    return [reshape(scores, [x.shape[0]!]), next]
  }

  const updateCritic = update(optimizers.critic), updateGenerator = update(optimizers.generator)

  /** The gradients of the critic on one real batch and as many generated examples. */
  const criticGradients = (
    { critic: { params, state }, generator: maker }: AdversarialState<PG, SG, PC, SC>,
    real: RealBatch,
    z: NdArray,
    key: Key.Key
  ) => {
    const [makeKey, realKey, fakeKey, mixKey] = [Key.fold(key, 0), Key.fold(key, 1), Key.fold(key, 2), Key.fold(key, 3)]
    const [realLabelKey, fakeLabelKey] = labelKeys(Key.fold(key, 4))
    const x = toTensors(real.x), y = real.y === undefined ? undefined : toTensors(real.y)
    const [fake] = generator.apply(maker.params, maker.state, given(toTensors(z), y), { training: true, key: makeKey })
    const { aux, grads, value } = valueAndGrad((params: PC) => {
      const [realScores, afterReal] = judge(params, state, x, y, realKey)
      const [fakeScores, next] = judge(params, afterReal, fake, y, fakeKey)
      const compared = mean(add(
        loss.real(realScores, labels(realLabel, noise, real.size, realLabelKey)),
        loss.fake(fakeScores, labels(fakeLabel, noise, real.size, fakeLabelKey))
      ))
      const scores = { state: next, realScore: mean(realScores), fakeScore: mean(fakeScores) }
      if (penalty === undefined) return [compared, { ...scores, gradientPenalty: scalar(0) }]
      const mixed = interpolates(x, fake, tensor1d(Random.uniform(mixKey, real.size)))
      const score = (x: Tensor) => judge(params, state, x, y, mixKey)[0]
      const cost = mean(gradientPenalty(score, mixed, penalty))
      return [add(compared, mul(cost, penalty.lambda)), { ...scores, gradientPenalty: cost }]
    })(params)
    const { state: after, ...measured } = aux
    return { grads, state: after, measured: { criticLoss: value, ...measured, criticGradientNorm: globalNorm(grads) } }
  }

  /** The gradients of the generator under a critic that stands still. */
  const generatorGradients = (
    { critic: judging, generator: { params, state } }: AdversarialState<PG, SG, PC, SC>,
    y: NdArray | undefined,
    z: NdArray,
    key: Key.Key
  ) => {
    const noise = toTensors(z), label = y === undefined ? undefined : toTensors(y)
    const { aux, grads, value } = valueAndGrad((params: PG) => {
      const [fake, next] = generator.apply(params, state, given(noise, label), {
        training: true,
        key: Key.fold(key, 0)
      })
      const [scores] = judge(judging.params, judging.state, fake, label, Key.fold(key, 1))
      return [mean(loss.generator(scores)), next]
    })(params)
    return { grads, state: aux, measured: { generatorLoss: value, generatorGradientNorm: globalNorm(grads) } }
  }

  const clipped = (critic: Adversary<PC, SC>, grads: PC): Adversary<PC, SC> => {
    if (clip === undefined) return critic
    // What is frozen stays as it is.
    const limited = (leaf: Tensor, grad: Tensor) => hasGradient(grad) ? clipByValue(leaf, -clip, clip) : leaf
    return { ...critic, params: Tree.zipWith(critic.params, grads, limited) }
  }

  return step(describe, (current: AdversarialState<PG, SG, PC, SC>, batch: AdversarialBatch) => {
    const { noise, real } = batch
    if (real.length === 0 || noise.length !== real.length + 1) {
      throw new Error(
        `expected real batches, and noise for each of them and for the generator, got ${real.length} and ${noise.length}`
      )
    }
    const key = Key.fold(current.key, current.step)
    let critic = current.critic
    const rows = real.map((examples, i) => {
      const before = { ...current, critic }
      const [next, row] = scoped(() => {
        const found = criticGradients(before, examples, noise[i]!, Key.fold(key, i))
        return [clipped(updateCritic(before.critic, found), found.grads), found.measured] as const
      })
      critic = next
      return row
    })
    const found = generatorGradients({ ...current, critic }, real.at(-1)!.y, noise.at(-1)!, Key.fold(key, real.length))
    const generator = updateGenerator(current.generator, found)
    // At first it keeps less, so that the first parameters are soon forgotten.
    const kept = Math.min(averageDecay, (1 + current.step) / (10 + current.step))
    const average = nextAverage(current.average, generator.params, kept)
    const measured: AdversarialMeasured = {
      ...meansOf(rows),
      ...found.measured,
      size: batch.size,
      epoch: batch.epoch ?? 0,
      endOfEpoch: batch.endOfEpoch ?? false
    }
    return [{ ...current, step: current.step + 1, generator, critic, average }, measured]
  })
}

/** The mean of each scalar over several updates. */
const meansOf = <Row extends { readonly [name: string]: Tensor }>(rows: ReadonlyArray<Row>) =>
  Object.fromEntries(
    Object.keys(rows[0]!).map((name) => [name, mul(addN(rows.map((row) => row[name]!)), 1 / rows.length)])
  ) as { readonly [K in keyof Row]: Scalar }

const describe = ({ step }: { readonly step: number }, { noise, real }: AdversarialBatch): string => {
  const shapes = (arrays: ReadonlyArray<NdArray | undefined>) =>
    arrays.map((array) => array === undefined ? "none" : format(array.shape)).join(" ")
  return `adversarial step ${step + 1}, real ${shapes(real.map(({ x }) => x))} noise ${shapes(noise)}`
}
