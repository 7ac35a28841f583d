import { Key, Random } from "../../src/index.ts"

/** The models that peers train; a peer that cannot train one throws. */
export type PeerModel = "mlp" | "cnn" | "block" | RecurrentModel
export type RecurrentModel = "lstm" | "gru"

/** Training steps of another library: each takes one batch of the same arrays and gives its loss as a number. */
export interface Training {
  readonly step: () => number | Promise<number>
  /** So many steps at once, where the library counts them itself. */
  readonly steps?: (count: number) => number
}

export type Peer = (model: PeerModel, batch: number) => Promise<Training>

/** Packages of peers are installed in bench/ only; the types of what is used of them stand where it is used. */
export const load = async <A>(name: string): Promise<A> => await import(name) as A

export const PIXELS = 784
export const CLASSES = 10

/** Steps and features of the sequences that a recurrent layer takes, and its units, as in models.ts. */
export const STEPS = 100
export const INPUTS = 64
export const UNITS = 128

export const isRecurrent = (model: PeerModel): model is RecurrentModel => model === "lstm" || model === "gru"

/** Pixels from 0 to 1, or other features, and one-hot classes, example after example. */
export const arrays = (batch: number, features = PIXELS) => {
  const y = new Float32Array(batch * CLASSES)
  for (let i = 0; i < batch; i++) y[i * CLASSES + i % CLASSES] = 1
  return { x: Random.uniform(Key.make(1), batch * features), y }
}
