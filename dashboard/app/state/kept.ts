/** What a worker says when it has kept the checkpoint of a run, or could not. */
export interface Kept {
  readonly run: string
  readonly step: number
  /** Why it could not, in a sentence. */
  readonly problem?: string
}

/** The channel on which it is said to the tabs of this browser. */
export const CHANNEL = "effect-neuron kept"
