let precision: "exact" | "fast" = "fast"

/**
 * How exactly convolutions of 2x2 and 3x3, and of 4x4 to 6x6 in steps of 2, are computed on the WebAssembly backend;
 * told which, it is so from then on, in the whole process. `"fast"`, as it is at first, tiles them by 4x4 (Winograd's
 * algorithms), in up to half the time, with a rounding error about twice as large: 8e-7 of the size of the values
 * instead of 4e-7, over 64 channels. `"exact"` keeps to smaller tiles, and is as exact as the definition of a
 * convolution.
 *
 * @example
 * ```ts
 * import { Backend } from "effect-neuron"
 *
 * Backend.convolutionPrecision("exact")
 * Backend.convolutionPrecision() // => "exact"
 * Backend.convolutionPrecision("fast")
 * ```
 */
export const convolutionPrecision = (wanted?: "exact" | "fast"): "exact" | "fast" => {
  if (wanted !== undefined) precision = wanted
  return precision
}
