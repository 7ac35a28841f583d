export type { Description, KindLike } from "../core/description.ts"
export {
  elu,
  gelu,
  geluTanh,
  identity,
  leakyRelu,
  logSoftmax,
  relu,
  selu,
  sigmoid,
  softmax,
  softplus,
  swish,
  tanh
} from "./activations.ts"
export { adaptiveSoftmax } from "./adaptiveSoftmax.ts"
export type { AdaptiveSoftmaxOptions } from "./adaptiveSoftmax.ts"
export { attention } from "./attention.ts"
export type { AttentionOptions, AttentionParams, HeadOptions, Positions, Projection } from "./attention.ts"
export { batchNorm } from "./batchNorm.ts"
export type { Affine, BatchNormOptions, Moments } from "./batchNorm.ts"
export { bidirectional } from "./bidirectional.ts"
export { candidates } from "./candidates.ts"
export type { WithCandidates } from "./candidates.ts"
export { applyChild, childrenOf, initChild, under } from "./children.ts"
export type { Children } from "./children.ts"
export type { AdaptiveSoftmax, AdaptiveSoftmaxParams } from "./clusters.ts"
export { concatenate } from "./concatenate.ts"
export type { Operands } from "./concatenate.ts"
export { conv2d } from "./conv2d.ts"
export type { Conv2dOptions } from "./conv2d.ts"
export { conv2dTranspose } from "./conv2dTranspose.ts"
export type { Conv2dTransposeOptions } from "./conv2dTranspose.ts"
export { crossAttention } from "./crossAttention.ts"
export type { CrossAttentionParams, WithMemory } from "./crossAttention.ts"
export { dense } from "./dense.ts"
export type { DenseOptions, KernelAndBias } from "./dense.ts"
export { build, describe } from "./description.ts"
export { dropout } from "./dropout.ts"
export { each } from "./each.ts"
export { embedding } from "./embedding.ts"
export type { EmbeddingOptions, Table } from "./embedding.ts"
export { embeddingBag } from "./embeddingBag.ts"
export type { Combiner, EmbeddingBagOptions } from "./embeddingBag.ts"
export { formatSummary } from "./formatSummary.ts"
export type { FormatSummaryOptions } from "./formatSummary.ts"
export { frozen } from "./frozen.ts"
export { gaussianNoise } from "./gaussianNoise.ts"
export { graph } from "./graph.ts"
export { groupNorm } from "./groupNorm.ts"
export type { GroupNormOptions } from "./groupNorm.ts"
export { instanceNorm } from "./instanceNorm.ts"
export type { InstanceNormOptions } from "./instanceNorm.ts"
export type { AttentionState } from "./keysAndValues.ts"
export { kind } from "./kind.ts"
export type { KindOptions } from "./kind.ts"
export { kinds } from "./kinds.ts"
export type { KindName } from "./kinds.ts"
export { lambda } from "./lambda.ts"
export type { Masked } from "./lambda.ts"
export { known, make, mismatch, stateless } from "./Layer.ts"
export type { Any, Configuration, Empty, Fusion, Initial, Input, Layer, Mode, Output, Params, State } from "./Layer.ts"
export { layerNorm } from "./layerNorm.ts"
export type { LayerNormOptions } from "./layerNorm.ts"
export { lora, mergeLora } from "./lora.ts"
export type { Adapter, Factors, LoraOptions, LoraParams } from "./lora.ts"
export type { Sequence } from "./masked.ts"
export { add, multiply } from "./merging.ts"
export type {
  Chained,
  ChainedLayers,
  Entry,
  OneTensorEach,
  ParamsIn,
  ParamsOf,
  StatesIn,
  StatesOf
} from "./neighbors.ts"
export { activations, attentions } from "./observe.ts"
export { activation } from "./ofTensor.ts"
export type { Padding, Size } from "./options.ts"
export { outline } from "./outline.ts"
export type { Outline } from "./outline.ts"
export { parallel } from "./parallel.ts"
export type { Merge } from "./parallel.ts"
export { avgPool2d, globalAvgPool2d, globalMaxPool2d, maxPool2d } from "./pooling.ts"
export type { Pool2dOptions } from "./pooling.ts"
export { positions } from "./positions.ts"
export type { Position, PositionsOptions } from "./positions.ts"
export { gru, lstm, rnn } from "./recurrent.ts"
export type { RecurrentOptions, RnnOptions } from "./recurrent.ts"
export type { Hidden, RecurrentInput, RecurrentParams, Resumed, Returns, WithState } from "./recurrentLayer.ts"
export { rescale } from "./rescale.ts"
export { residual } from "./residual.ts"
export { rmsNorm } from "./rmsNorm.ts"
export type { RmsNormOptions, Scale } from "./rmsNorm.ts"
export { scan } from "./scan.ts"
export type { CellInput, CellOutput, Ended, ScanInput, ScanOptions } from "./scan.ts"
export { named, sequence, serial } from "./sequence.ts"
export { flatten, reshape } from "./shapes.ts"
export { spectralNorm } from "./spectralNorm.ts"
export type { SpectralNormOptions, SpectralState } from "./spectralNorm.ts"
export { stateful } from "./stateful.ts"
export type { StatefulOptions } from "./stateful.ts"
export { summary } from "./summary.ts"
export type { Summary, SummaryRow } from "./summary.ts"
export { swiglu } from "./swiglu.ts"
export { tied } from "./tied.ts"
export type { HiddenAndTable, TiedOptions } from "./tied.ts"
export { timeDistributed } from "./timeDistributed.ts"
export { transformerDecoder, transformerEncoder } from "./transformer.ts"
export type { TransformerOptions, TransformerParams, TransformerState } from "./transformer.ts"
export { transformerBlock } from "./transformerBlock.ts"
export type { TransformerBlockOptions, TransformerBlockParams, TransformerBlockState } from "./transformerBlock.ts"
export { upsample2d } from "./upsample2d.ts"
export type { Interpolation, Upsample2dOptions } from "./upsample2d.ts"
export type { Entries, Environment, Held, Inputs, Node, Value, Wire, Wired } from "./wiring.ts"
