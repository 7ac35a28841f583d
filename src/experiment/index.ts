export { adversarial, adversarialOptions } from "./adversarial.ts"
export type { AdversarialExperimentOptions, AdversarialOptions, Networks } from "./adversarial.ts"
export { fieldsOf, natural, option, options, parse, positive, positiveInt } from "./config.ts"
export type { Codec, Field, Options } from "./config.ts"
export { digits, mnist } from "./digits.ts"
export type { DigitsConfig } from "./digits.ts"
export type { Examination, Examined } from "./examine.ts"
export type {
  About,
  Example,
  Experiment,
  ExperimentError,
  ExperimentTrainer,
  Opened,
  Split,
  State,
  StepMetrics,
  Validation
} from "./Experiment.ts"
export { general } from "./general.ts"
export type { GeneralOptions, GeneralParts } from "./general.ts"
export { generator } from "./generator.ts"
export type { GeneratorConfig } from "./generator.ts"
export { Show, View } from "./show.ts"
export { scheduled, supervised } from "./supervised.ts"
export type { Data, SupervisedOptions } from "./supervised.ts"
