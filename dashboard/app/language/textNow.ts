import { NdArray } from "effect-neuron"
import type { Text } from "effect-neuron"
import { tokenizerOf } from "../../../src/experiment/tokens.ts"
import { onChange } from "../state/runs.ts"
import { session } from "../state/session.ts"
import { useStore } from "../state/store.ts"
import { useRedraw } from "./useRedraw.ts"
import { promptNow, writing } from "./writing.ts"

/** The end of the text as the model is asked with it. */
export interface TextNow {
  readonly tokenizer: Text.Tokenizer
  readonly tokens: ReadonlyArray<number>
  /** A batch of one. */
  readonly x: NdArray.NdArray
  readonly key: string
}

/** The last tokens of what was written and how it went on, at most so many; nothing where it cannot be read. */
export const useTextNow = (most: number): TextNow | undefined => {
  const about = useStore(session, (value) => value.about), { gone } = useStore(writing, (value) => value)
  useRedraw(onChange)
  const view = about?.show?.input
  if (view?.kind !== "text") return undefined
  const tokenizer = tokenizerOf(view), text = promptNow() + gone
  try {
    // A token stands for a character at least in all but few of them.
    const tokens = [...tokenizer.encode(text.slice(-8 * most))].slice(-most)
    if (tokens.length === 0) return undefined
    return { tokenizer, tokens, x: NdArray.make(Int32Array.from(tokens), [1, tokens.length]), key: tokens.join() }
  } catch {
    return undefined
  }
}

/** A token as it is seen: white space by signs of its own. */
export const seen = (tokenizer: Text.Tokenizer, token: number): string =>
  tokenizer.decode([token]).replaceAll(" ", "·").replaceAll("\n", "⏎").replaceAll("\t", "⇥")
