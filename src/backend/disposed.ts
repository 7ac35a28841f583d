const USED_LATE = "a tensor is used that was disposed. A training state is, by the next step and at the end of its " +
  "trainer's Scope: trainer.use(f) keeps one as long as f runs"

// What TensorFlow.js says of it: the first when its values are read, the others, of three engines, in an operation.
const isAboutDisposed = (cause: unknown): boolean =>
  cause instanceof Error &&
  (cause.message === "Tensor is disposed." ||
    cause instanceof TypeError && /\(reading 'backend'\)|property "backend"|\.backend'\)/.test(cause.message))

/** What a tensor program threw, in a sentence that helps where it has used a tensor that was disposed. */
export const explained = (cause: unknown): unknown => isAboutDisposed(cause) ? new Error(USED_LATE, { cause }) : cause
