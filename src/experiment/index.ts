export { adversarial } from "./adversarial.ts"
export type { AdversarialExperimentOptions, Networks } from "./adversarial.ts"
export { adversarialOptions } from "./adversarialOptions.ts"
export type { AdversarialOptions } from "./adversarialOptions.ts"
export { natural, option, options, parse, positive, positiveInt } from "./config.ts"
export type { Codec, Options } from "./config.ts"
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
export { fieldsOf } from "./fields.ts"
export type { Field } from "./fields.ts"
export { general } from "./general.ts"
export type { GeneralOptions, GeneralParts } from "./general.ts"
export type { GeneratingOptions, Sample } from "./generating.ts"
export { generator } from "./generator.ts"
export type { GeneratorConfig } from "./generator.ts"
export { gpt, gru, lstm, rnn } from "./language.ts"
export type { GptConfig, RecurrentConfig } from "./language.ts"
export { scheduled } from "./scheduled.ts"
export { Show, View } from "./show.ts"
export { supervised } from "./supervised.ts"
export type { Data, SupervisedOptions } from "./supervised.ts"
