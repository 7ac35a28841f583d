import type { Layers } from "effect-neuron"
import { combinators } from "./combinators.ts"
import { images } from "./images.ts"
import type { Lines } from "./line.ts"
import { sequences } from "./sequences.ts"
import { transformers } from "./transformers.ts"
import { values } from "./values.ts"

export type { Line } from "./line.ts"

/** All kinds of layers of the library: the compiler finds the one that is missing. */
export const catalogue: { readonly [K in Layers.KindName]: Lines } = {
  ...values,
  ...images,
  ...combinators,
  ...sequences,
  ...transformers
}
