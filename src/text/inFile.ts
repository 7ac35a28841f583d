import { Result } from "effect"
import { DataError } from "../core/errors.ts"
import type { Tokenizer } from "./Tokenizer.ts"
import { tokenizer } from "./tokenizerOf.ts"

const KEY = "tokenizer"

/**
 * A tokenizer as the metadata of a checkpoint, which then says how its model reads: beside those of
 * `Checkpoint.describe`.
 *
 * @example
 * ```ts
 * import { Text } from "effect-neuron"
 *
 * Text.describeTokenizer(Text.bytes) // => { tokenizer: `{"kind":"bytes"}` }
 * ```
 */
export const describeTokenizer = ({ description }: Tokenizer): { readonly [key: string]: string } => ({
  [KEY]: JSON.stringify(description)
})

/**
 * The tokenizer that the metadata of a checkpoint say, as {@link describeTokenizer} has written it. Fails with a
 * `DataError` where they say none.
 *
 * @example
 * ```ts
 * import { Effect, Stream } from "effect"
 * import { Checkpoint, Layers, Text } from "effect-neuron"
 *
 * const goOn = (path: string, prompt: string) =>
 *   Stream.unwrap(Effect.gen(function*() {
 *     const { metadata, model, weights } = yield* Checkpoint.model(path, { kinds: Layers.kinds })
 *     const tokenizer = yield* Effect.fromResult(Text.tokenizerIn(metadata))
 *     return Text.generate(model, weights, { tokenizer, prompt, length: 200 })
 *   }))
 * ```
 */
export const tokenizerIn = (metadata: { readonly [key: string]: string }): Result.Result<Tokenizer, DataError> => {
  const text = Object.hasOwn(metadata, KEY) ? metadata[KEY] : undefined
  return Result.flatMap(
    Result.try({
      try: (): unknown => JSON.parse(text ?? ""),
      catch: (cause) => {
        const actual = text === undefined ? "nothing of one" : "what is no JSON"
        return new DataError({ source: "metadata", expected: "the description of a tokenizer", actual, cause })
      }
    }),
    tokenizer
  )
}
