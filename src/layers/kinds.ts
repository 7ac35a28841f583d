import type { KindLike } from "../core/description.ts"
import { constant, normal, ones, truncatedNormal, uniform, zeros } from "../initializers/distributions.ts"
import { orthogonal } from "../initializers/orthogonal.ts"
import { glorotNormal, glorotUniform, heNormal, heUniform, lecunNormal, lecunUniform } from "../initializers/scaled.ts"
import {
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
import { adaptiveSoftmax } from "./adaptiveSoftmax.ts"
import { attention } from "./attention.ts"
import { batchNorm } from "./batchNorm.ts"
import { bidirectional } from "./bidirectional.ts"
import { candidates } from "./candidates.ts"
import { concatenate } from "./concatenate.ts"
import { conv2d } from "./conv2d.ts"
import { conv2dTranspose } from "./conv2dTranspose.ts"
import { crossAttention } from "./crossAttention.ts"
import { dense } from "./dense.ts"
import { dropout } from "./dropout.ts"
import { each } from "./each.ts"
import { embedding } from "./embedding.ts"
import { embeddingBag } from "./embeddingBag.ts"
import { frozen } from "./frozen.ts"
import { gaussianNoise } from "./gaussianNoise.ts"
import { graph } from "./graph.ts"
import { groupNorm } from "./groupNorm.ts"
import { instanceNorm } from "./instanceNorm.ts"
import { layerNorm } from "./layerNorm.ts"
import { lora } from "./lora.ts"
import { add, multiply } from "./merging.ts"
import { parallel } from "./parallel.ts"
import { avgPool2d, globalAvgPool2d, globalMaxPool2d, maxPool2d } from "./pooling.ts"
import { positions } from "./positions.ts"
import { gru, lstm, rnn } from "./recurrent.ts"
import { rescale } from "./rescale.ts"
import { residual } from "./residual.ts"
import { rmsNorm } from "./rmsNorm.ts"
import { scan } from "./scan.ts"
import { named, sequence, serial } from "./sequence.ts"
import { flatten, reshape } from "./shapes.ts"
import { spectralNorm } from "./spectralNorm.ts"
import { swiglu } from "./swiglu.ts"
import { tied } from "./tied.ts"
import { timeDistributed } from "./timeDistributed.ts"
import { transformerBlock } from "./transformerBlock.ts"
import { upsample2d } from "./upsample2d.ts"

const layers = {
  adaptiveSoftmax,
  add,
  attention,
  avgPool2d,
  batchNorm,
  bidirectional,
  candidates,
  concatenate,
  conv2d,
  conv2dTranspose,
  crossAttention,
  dense,
  dropout,
  each,
  elu,
  embedding,
  embeddingBag,
  flatten,
  frozen,
  gaussianNoise,
  gelu,
  geluTanh,
  globalAvgPool2d,
  globalMaxPool2d,
  graph,
  groupNorm,
  gru,
  identity,
  instanceNorm,
  layerNorm,
  leakyRelu,
  logSoftmax,
  lora,
  lstm,
  maxPool2d,
  multiply,
  named,
  parallel,
  positions,
  relu,
  rescale,
  reshape,
  residual,
  rmsNorm,
  rnn,
  scan,
  selu,
  sequence,
  serial,
  sigmoid,
  softmax,
  softplus,
  spectralNorm,
  swiglu,
  swish,
  tanh,
  tied,
  timeDistributed,
  transformerBlock,
  upsample2d
}

const initializers = {
  constant,
  glorotNormal,
  glorotUniform,
  heNormal,
  heUniform,
  lecunNormal,
  lecunUniform,
  normal,
  ones,
  orthogonal,
  truncatedNormal,
  uniform,
  zeros
}

/** The names of the kinds of layers of this library: of a table by kind, the compiler finds what is missing in it. */
export type KindName = keyof typeof layers

/**
 * All kinds of layers and initializers of this library, for {@link build}.
 *
 * @example
 * ```ts
 * import { Result } from "effect"
 * import { Layers } from "effect-neuron"
 *
 * const text = JSON.stringify(Result.getOrThrow(Layers.describe(Layers.residual(Layers.relu))))
 * text // => `{"kind":"residual","children":{"":{"kind":"relu"}}}`
 * Result.getOrThrow(Layers.build(Layers.kinds)(JSON.parse(text))).name // => "residual(relu)"
 * ```
 */
export const kinds: ReadonlyArray<KindLike> = /* @__PURE__ */ Object.values({ ...layers, ...initializers })
