import { bitsPerCharacter as bitsOf } from "../metrics/bits.ts"
import type { IgnoreOptions } from "../metrics/classes.ts"
import type { Metric } from "../metrics/Metric.ts"
import type { Tokenizer } from "./Tokenizer.ts"

/** How many characters begin in some bytes of UTF-8. */
const charactersIn = (bytes: Uint8Array): number => bytes.reduce((n, byte) => n + Number((byte & 0xc0) !== 0x80), 0)

/**
 * The bits that a model needs for a character of a text, of logits `[batch, time, tokens]` and the tokens `[batch,
 * time]` that were to come: the cross entropy of all tokens to base 2, over the characters that they stand for. Models
 * with tokenizers of their own are compared by it, which they are not by their losses or perplexities. It is
 * {@link Metrics.bitsPerCharacter} with the lengths of the tokenizer's tokens.
 *
 * @example
 * ```ts
 * import * as tf from "@tensorflow/tfjs-core"
 * import { Metrics, Text } from "effect-neuron"
 *
 * const bits = Text.bitsPerCharacter(Text.bytes)
 * const target = tf.tensor2d(Text.bytes.encode("né"), [1, 3], "int32")
 * Metrics.compute(bits, [bits.measure(tf.zeros([1, 3, 256]), target)]).toFixed(4) // => "12.0000"
 * ```
 */
export const bitsPerCharacter = (tokenizer: Tokenizer, options: IgnoreOptions = {}): Metric<"bitsPerCharacter"> =>
  bitsOf({
    ...options,
    lengths: Array.from({ length: tokenizer.size }, (_, token) => charactersIn(tokenizer.bytes(token)))
  })
