export { DescriptionError } from "./core/description.ts"
export * from "./core/errors.ts"
export { DatasetUnavailable } from "./datasets/DatasetUnavailable.ts"
export { TrainingUnavailable, WorkerLost } from "./remote/errors.ts"
