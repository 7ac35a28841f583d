import type { Layers, Shape } from "effect-neuron"

/**
 * A shape that is refused, and what is said then: "`kind` expects …, got `shape`", of which what is expected is enough
 * where the rest is of that form.
 */
export type Refusal = readonly [shape: Shape.ShapeTree, said: string]

/** A layer, and what the properties of all layers need to know of it. */
export interface Line {
  readonly layer: Layers.Any
  /** An example that it takes, and what it gives for it. */
  readonly input: Shape.ShapeTree
  readonly output: Shape.ShapeTree
  /** The input where not all of it is known, which `init` takes as well. */
  readonly open?: Shape.ShapeTree
  /** Examples that `init` refuses. */
  readonly wrong?: ReadonlyArray<Refusal>
  /** Batches that `apply` refuses of a layer that was made for `open`, or for `input` where there is none. */
  readonly wrongBatch?: ReadonlyArray<Refusal>
  /** It takes batches of any shape, and `init` any shape of examples too, or not. */
  readonly takesAny?: "shape" | "batch"
  /** Its input is whole numbers below this one. */
  readonly ids?: number
  /** What it gives in training depends on the key. */
  readonly random?: true
  /** Paths of what it takes or gives that all examples have together, weights of a head say. */
  readonly whole?: ReadonlyArray<string>
  /** Its parameters have no gradient. */
  readonly frozen?: true
  /** It holds something constant in training that moves with its parameters. */
  readonly holds?: true
}

/** The lines of a kind, by the name of the layer. */
export type Lines = { readonly [name: string]: Line }

/** What kinds expect. */
export const IMAGE = "[height, width, channels]", IMAGES = "x [batch, height, width, channels]"
export const LAST_KNOWN = "the last dimension known"
