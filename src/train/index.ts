export { initAdversarial } from "./adversarial/AdversarialState.ts"
export type { AdversarialState, Adversaries, Adversary, Labelled } from "./adversarial/AdversarialState.ts"
export type {
  AdversarialBatch,
  AdversarialMeasured,
  AdversarialOptions,
  RealBatch
} from "./adversarial/adversarialStep.ts"
export { gan } from "./adversarial/gan.ts"
export { gradientPenalty } from "./adversarial/gradientPenalty.ts"
export type { PenaltyOptions } from "./adversarial/gradientPenalty.ts"
export type { LabelOptions } from "./adversarial/labels.ts"
export { discriminate, generate, interpolate } from "./adversarial/sample.ts"
export type { GenerateOptions, Generates, GeneratorWeights, InterpolateOptions } from "./adversarial/sample.ts"
export { validateGenerator } from "./adversarial/validateGenerator.ts"
export { wgan } from "./adversarial/wgan.ts"
export { wganGp } from "./adversarial/wganGp.ts"
export { earlyStopping, stopBelow } from "./earlyStopping.ts"
export { evaluate, predict } from "./evaluate.ts"
export type { Weights } from "./evaluate.ts"
export type { Measured, Metrics, Step } from "./Step.ts"
export { supervised } from "./supervised.ts"
export type { Batch, SupervisedMeasured, Supervision } from "./supervised.ts"
export { make } from "./Trainer.ts"
export type { Trainer, TrainerOptions } from "./Trainer.ts"
export { init } from "./TrainState.ts"
export type { TrainState } from "./TrainState.ts"
