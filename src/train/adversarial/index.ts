export { init } from "./AdversarialState.ts"
export type { AdversarialState as State, Adversaries, Adversary, Labeled } from "./AdversarialState.ts"
export type {
  AdversarialBatch as Batch,
  AdversarialMeasured as Measured,
  AdversarialOptions as Options,
  RealBatch
} from "./adversarialStep.ts"
export { gan } from "./gan.ts"
export { gradientPenalty } from "./gradientPenalty.ts"
export type { PenaltyOptions } from "./gradientPenalty.ts"
export type { LabelOptions } from "./labels.ts"
export { hinge, leastSquares, nonSaturating, wasserstein } from "./losses.ts"
export type { AdversarialLoss as Loss } from "./losses.ts"
export { discriminate, generate, interpolate } from "./sample.ts"
export type { GenerateOptions, Generates, GeneratorWeights, InterpolateOptions } from "./sample.ts"
export { validateGenerator } from "./validateGenerator.ts"
export type { ValidateGeneratorOptions } from "./validateGenerator.ts"
export { wgan } from "./wgan.ts"
export { wganGp } from "./wganGp.ts"
