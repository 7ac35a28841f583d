import { decoding } from "./encode.ts"
import type { Tokenizer } from "./Tokenizer.ts"

/** The text of tokens as it goes on, up to the first of some texts at which it ends. */
export interface Ending {
  /** What is certain to be in the text with one token more, and whether it has ended. */
  readonly next: (token: number) => { readonly text: string; readonly isOver: boolean }
  /** What is left when no more tokens come. */
  readonly rest: () => string
}

/** How much of the end of a text could be the beginning of one at which it ends. */
const begun = (text: string, stop: ReadonlyArray<string>): number =>
  stop.reduce((most, end) => {
    for (let length = Math.min(end.length - 1, text.length); length > most; length--) {
      if (text.endsWith(end.slice(0, length))) return length
    }
    return most
  }, 0)

/** Tokens become text; a part of a character, or of what would be the end, waits for what follows. */
export const ending = (tokenizer: Tokenizer, stop: ReadonlyArray<string>): Ending => {
  const { end, next } = decoding(tokenizer)
  let held = ""
  const upTo = (length: number): string => {
    const text = held.slice(0, length)
    held = held.slice(length)
    return text
  }
  /** Where the first of what ends it begins. */
  const found = () => stop.map((end) => held.indexOf(end)).filter((at) => at >= 0).sort((a, b) => a - b)[0]
  return {
    next: (token) => {
      held += next(token)
      const at = found()
      return at === undefined
        ? { text: upTo(held.length - begun(held, stop)), isOver: false }
        : { text: upTo(at), isOver: true }
    },
    rest: () => {
      held += end()
      return upTo(found() ?? held.length)
    }
  }
}

/** Throws a `RangeError` for texts at which none can end. */
export const checkStop = (by: string, stop: ReadonlyArray<string>): void => {
  if (stop.includes("")) throw new RangeError(`${by}: stop has texts of at least one character, got an empty one`)
}
