let precision: "exact" | "fast" = "fast"

/**
 * How exactly convolutions of 3x3 in single steps are computed on the WebAssembly backend; told which, it is so from then
 * on, in the whole process. `"fast"`, as it is at first, tiles them by 4x4 where that pays (Winograd's F(4x4, 3x3)), with
 * two to three times the rounding error of a convolution by its definition, 10 to 40 % faster. `"exact"` has no more error
 * than the definition.
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
