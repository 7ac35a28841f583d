import type { ModelName } from "./models.ts"

export const ours = ["trainer", "trainer2", "bare", "bareAccuracy", "float32", "uint8"] as const
export const peers = ["torch1", "torch2", "tfjsWasm", "tfjsCpu", "jax", "brain"] as const

export type Ours = typeof ours[number]
export type PeerName = typeof peers[number]
export type Contestant = Ours | PeerName

export const titles: { readonly [C in Contestant]: string } = {
  trainer: "trainer",
  trainer2: "trainer, 2 threads",
  bare: "bare step",
  bareAccuracy: "bare + accuracy",
  float32: "pipeline",
  uint8: "pipeline of bytes",
  torch1: "PyTorch, 1 thread",
  torch2: "PyTorch, 2 threads",
  tfjsWasm: "tfjs-layers, wasm",
  tfjsCpu: "tfjs-layers, cpu",
  jax: "jax-js, wasm",
  brain: "brain.js"
}

/** Which others than PyTorch can train which models. */
const others: { readonly [M in ModelName]?: ReadonlyArray<PeerName> } = {
  mlp: ["tfjsWasm", "tfjsCpu", "jax", "brain"],
  cnn: ["tfjsWasm", "tfjsCpu", "jax"],
  lstm: ["tfjsWasm", "tfjsCpu", "jax", "brain"],
  gru: ["tfjsWasm", "tfjsCpu", "jax", "brain"],
  block: ["jax"]
}

/** Who takes part. */
export const contestantsOf = (model: ModelName): ReadonlyArray<Contestant> => [
  ...(model === "mlp" || model === "cnn" ? ours : ["trainer", "trainer2", "bare"] as const),
  ...(["torch1", "torch2"] as const),
  ...(others[model] ?? [])
]

/** The better of both in each round. */
export const torchs = ["torch1", "torch2"] as const

/** Ours is to take at most `most` times as long as the other, or to be at least `least` times as fast. */
export interface Goal {
  readonly model: ModelName
  readonly of: Ours
  readonly against: Contestant | "torch"
  readonly most?: number
  readonly least?: number
}

/** The ratios that are shown, with their goals. */
export const goals: ReadonlyArray<Goal> = [
  { model: "mlp", of: "trainer", against: "torch1", most: 1 },
  { model: "mlp", of: "trainer", against: "torch2" },
  { model: "mlp", of: "trainer2", against: "torch" },
  { model: "mlp", of: "trainer", against: "jax", least: 2 },
  { model: "mlp", of: "trainer", against: "tfjsWasm", least: 7 },
  { model: "mlp", of: "trainer", against: "tfjsCpu" },
  { model: "mlp", of: "trainer", against: "brain" },
  { model: "mlp", of: "trainer", against: "bare" },
  { model: "mlp", of: "float32", against: "bareAccuracy", most: 1.05 },
  { model: "mlp", of: "uint8", against: "bareAccuracy", most: 1.05 },
  { model: "cnn", of: "trainer", against: "torch1", most: 0.8 },
  { model: "cnn", of: "trainer", against: "torch2" },
  { model: "cnn", of: "trainer2", against: "torch", most: 0.7 },
  { model: "cnn", of: "trainer2", against: "trainer" },
  { model: "cnn", of: "trainer", against: "jax", least: 100 },
  { model: "cnn", of: "trainer", against: "tfjsWasm" },
  { model: "cnn", of: "trainer", against: "tfjsCpu", least: 100 },
  { model: "cnn", of: "trainer", against: "bare" },
  { model: "cnn", of: "float32", against: "bareAccuracy", most: 1.05 },
  { model: "cnn", of: "uint8", against: "bareAccuracy", most: 1.05 },
  { model: "discriminator", of: "trainer", against: "torch1" },
  { model: "discriminator", of: "trainer", against: "torch2" },
  { model: "discriminator", of: "trainer2", against: "torch" },
  { model: "discriminator", of: "trainer", against: "bare" },
  { model: "critic", of: "trainer", against: "torch1" },
  { model: "critic", of: "trainer", against: "torch2" },
  { model: "critic", of: "trainer2", against: "torch" },
  { model: "critic", of: "trainer", against: "bare" },
  ...(["lstm", "gru", "lstm512", "block", "gptSmall", "gpt6", "gpt"] as const).flatMap((model): ReadonlyArray<Goal> => [
    { model, of: "trainer", against: "torch1", most: 0.8 },
    { model, of: "trainer", against: "torch2" },
    { model, of: "trainer2", against: "torch", most: 0.8 },
    { model, of: "trainer", against: "bare" }
  ]),
  { model: "block", of: "trainer", against: "jax" },
  ...(["lstm", "gru"] as const).flatMap((model): ReadonlyArray<Goal> =>
    (["jax", "tfjsWasm", "tfjsCpu", "brain"] as const).map((against) => ({ model, of: "trainer", against }))
  )
]
