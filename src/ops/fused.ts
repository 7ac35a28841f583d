import { engine, getBackend, getKernel } from "@tensorflow/tfjs-core"
import type { NamedAttrMap, Tensor } from "@tensorflow/tfjs-core"
import { companion } from "../backend/companion/companion.ts"

/**
 * Runs a kernel of this package that no other backend has, and that does in one pass what otherwise takes several
 * operations. Undefined where it is not available: the caller composes it from operations then.
 */
export const runFused = <Outputs = Tensor>(
  kernelName: string,
  inputs: { readonly [name: string]: Tensor } | ReadonlyArray<Tensor>,
  attrs: { readonly [name: string]: unknown } = {}
): Outputs | undefined => {
  if (companion() === undefined || getKernel(kernelName, getBackend()) === undefined) return undefined
  for (const input of Object.values(inputs)) if (input.dtype !== "float32") return undefined
  return engine().runKernel(kernelName, inputs as { [name: string]: Tensor }, attrs as NamedAttrMap) as Outputs
}
