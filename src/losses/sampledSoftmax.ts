import {
  add,
  cast,
  concat,
  div,
  equal,
  expandDims,
  expm1,
  fill,
  gather,
  log,
  log1p,
  matMul,
  mul,
  neg,
  sub,
  sum,
  where,
  zeros
} from "@tensorflow/tfjs-core"
import type { Tensor, Tensor2D } from "@tensorflow/tfjs-core"
import type { WithCandidates } from "../layers/candidates.ts"
import { crossEntropy } from "../ops/crossEntropy.ts"
import { known } from "./labels.ts"
import { rowsOf } from "./rows.ts"
import type { IgnoreIndex, OfHidden } from "./rows.ts"
import type { Values } from "./weighted.ts"

const NAME = "sampledSoftmax"

// What is left of a logit that does not count: its exponential is 0.
const NONE = -1e30

/** The logarithm of how likely each class is among the candidates: 1 - (1 - p)^tries, of log-uniform p. */
const logExpected = (ids: Tensor, tries: Tensor, classes: number): Tensor => {
  const p = div(log1p(div(1, add(cast(ids, "float32"), 1))), Math.log(classes + 1))
  return log(neg(expm1(mul(tries, log1p(neg(p))))))
}

/**
 * The cross entropy of each target among the candidates that a `Layers.candidates` drew, an estimate of that among all
 * classes which costs as much as there are candidates (Jean, Cho, Memisevic, Bengio: "On using very large target
 * vocabulary for neural machine translation", 2015): of hidden · row of the class - log(how likely the class is a
 * candidate), without candidates that are the target (as TensorFlow's `sampled_softmax_loss`). The prediction is `{
 * hidden, table, candidates }`, with `hidden` of `[batch, positions…, features]` and `table` of `[classes, features]`;
 * the target is class indices `[batch, positions…]`. When a model is tested it is the cross entropy among all classes.
 *
 * Gives one value per position; with a mask, or with `ignoreIndex`, the values come with their weights. The gradient by
 * the table is as large as the table. Throws for other shapes, and a `RangeError` for class indices outside of `[0,
 * classes)` (which on a GPU are only looked at where a step uploads them).
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Key, Layers, Losses } from "effect-neuron"
 *
 * const given = { hidden: tf.zeros([1, 2, 4]), table: tf.zeros([1000, 4]) }, mode = { training: false, key: Key.make(1) }
 * const [prediction] = Layers.candidates({ samples: 50 }).apply({}, {}, given, mode)
 * const loss = Losses.sampledSoftmax(prediction, tf.tensor2d([[7, 999]], [1, 2], "int32"))
 * Array.from(loss.dataSync(), (x) => Math.exp(x).toFixed(0)) // => ["1000", "1000"]
 * ```
 */
export const sampledSoftmax: OfHidden<WithCandidates> = ((
  prediction: WithCandidates,
  target: Tensor,
  options: IgnoreIndex = {}
): Values => {
  const { candidates: { ids, tries }, table } = prediction, drawn = known(tries)?.[0]
  const { asValues, classes, rows } = rowsOf(NAME, prediction, target, table.shape[0]!, options)
  // A model that is tested draws none.
  return asValues(
    drawn === 0
      ? crossEntropy(matMul(rows as Tensor2D, table as Tensor2D, false, true), classes)
      : amongCandidates(rows, table, classes, ids, tries)
  )
}) as OfHidden<WithCandidates>

const amongCandidates = (rows: Tensor, table: Tensor, labels: Tensor, ids: Tensor, tries: Tensor): Tensor => {
  const classes = table.shape[0]!, count = rows.shape[0]!
  const own = sub(sum(mul(rows, gather(table, labels)), 1), logExpected(labels, tries, classes))
  const others = matMul(rows as Tensor2D, gather(table, ids) as Tensor2D, false, true)
  const corrected = sub(others, expandDims(logExpected(ids, tries, classes), 0))
  const isOwn = equal(expandDims(labels, 1), expandDims(ids, 0))
  const logits = concat([expandDims(own, 1), where(isOwn, fill(corrected.shape, NONE), corrected)], 1)
  return crossEntropy(logits, zeros([count], "int32"))
}
