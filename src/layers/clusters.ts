import type { Tensor } from "@tensorflow/tfjs-core"
import type { Masked } from "./lambda.ts"

// What a layer and a loss know of an adaptive softmax.

/** The parameters of {@link adaptiveSoftmax}. */
export type AdaptiveSoftmaxParams = {
  /** `[features, frequent + clusters]`: the frequent classes, and one column for each cluster. */
  readonly head: Tensor
  /** Of each cluster a projection, `[features, fewer]`, and its classes, `[fewer, classes]`. */
  readonly tails: ReadonlyArray<{ readonly down: Tensor; readonly up: Tensor }>
}

/** What {@link adaptiveSoftmax} gives for `Losses.adaptiveSoftmax`: what it takes, with its parameters. */
export type AdaptiveSoftmax<X = Tensor | Masked> =
  & { readonly hidden: Tensor }
  & AdaptiveSoftmaxParams
  & (X extends Masked ? { readonly mask: Tensor } : { readonly mask?: never })

/** The number of frequent classes, and the weights, the first class and the last of each cluster. */
export const clustersOf = ({ head, tails }: AdaptiveSoftmaxParams) => {
  const frequent = head.shape[1]! - tails.length
  let classes = frequent
  const clusters = tails.map(({ down, up }) => {
    const first = classes
    classes += up.shape[1]!
    return { down, up, first, end: classes }
  })
  return { frequent, clusters, classes }
}
