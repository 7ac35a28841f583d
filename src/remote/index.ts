export { adversarial } from "./adversarial.ts"
export type { AdversarialOptimizers } from "./adversarial.ts"
export { connect } from "./client.ts"
export type { Answer, Client, ClientOf } from "./client.ts"
export { define } from "./definition.ts"
export type { Definition } from "./definition.ts"
export { TrainingUnavailable, WorkerLost } from "./errors.ts"
export { experiment, trainingOf } from "./experiment.ts"
export type { TrainingOptions } from "./experiment.ts"
export { Failures } from "./failures.ts"
export type { WatchOptions } from "./feed.ts"
export { layer } from "./server.ts"
export { supervised } from "./supervised.ts"
export { training } from "./training.ts"
export type { Inspections, Saving, Training, TrainingMetrics } from "./training.ts"
export { array, arrays } from "./wire.ts"
export type {
  Codec,
  Distribution,
  Distributions,
  Evaluated,
  Evaluation,
  Going,
  Gone,
  GradientNorms,
  Picture,
  Point,
  Sampled,
  Status
} from "./wire.ts"
