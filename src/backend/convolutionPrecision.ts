let precision: "exact" | "fast" = "fast"

/**
 * How exactly convolutions of 3x3 in single steps are computed on the WebAssembly backend; told which, it is so from then
 * on, in the whole process. `"fast"`, as it is at first, tiles them by 4x4 where that pays (Winograd's F(4x4, 3x3)), in up
 * to a third less time, with a rounding error about three times as large: 8e-7 of the size of the values instead of 3e-7,
 * over 64 channels. `"exact"` keeps to F(2x2, 3x3), which is as exact as the definition of a convolution.
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
