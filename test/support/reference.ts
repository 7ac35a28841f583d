import { readFileSync } from "node:fs"
import type { Values } from "./numbers.ts"

/**
 * A case of the reference vectors, computed by PyTorch in float64 and rounded to float32. Layouts are those of
 * TensorFlow.js: NHWC images, `[height, width, in, out]` convolution kernels, `[in, out]` dense kernels.
 */
export interface Case {
  readonly name: string
  // oxlint-disable-next-line typescript/no-explicit-any -- configurations differ from case to case
  readonly config: any
  readonly params: { readonly [name: string]: Values }
  readonly input: Values
  readonly output: Values
  readonly gradOutput: Values
  readonly gradInput: Values
  readonly gradParams: { readonly [name: string]: Values }
  // oxlint-disable-next-line typescript/no-explicit-any -- fields of one family only
  readonly [field: string]: any
}

export const reference = (
  family:
    | "activations"
    | "attention"
    | "gan"
    | "generative"
    | "layers"
    | "losses"
    | "norms"
    | "optimizers"
    | "rmsProp"
    | "schedules"
    | "sequenceLosses"
): ReadonlyArray<Case> => JSON.parse(readFileSync(new URL(`../fixtures/${family}.json`, import.meta.url), "utf8")).cases
