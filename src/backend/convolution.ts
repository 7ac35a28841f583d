import { convolutionGradients } from "./gradients/convolution.ts"
import { conv2DBackpropFilterWasm, conv2DBackpropInputWasm } from "./kernels/convolution.ts"
import type { KernelSet } from "./registry.ts"

/** What convolutions need to be trained. */
export const convolution: KernelSet = {
  gradients: convolutionGradients,
  kernels: [conv2DBackpropInputWasm, conv2DBackpropFilterWasm]
}
