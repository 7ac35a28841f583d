/**
 * How GPT-2 cuts a text before pairs are merged (Radford et al.: "Language models are unsupervised multitask learners",
 * 2019): words and numbers with the blank before them, what is between them, and blanks.
 */
export const GPT2 = String.raw`'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+`

/** The pieces of a text by each of some patterns, what they match and what is between that. */
export const piecesOf = (text: string, patterns: ReadonlyArray<RegExp>): Array<string> => {
  let pieces = [text]
  for (const pattern of patterns) {
    const cut: Array<string> = []
    for (const piece of pieces) {
      let at = 0
      for (const { 0: match, index } of piece.matchAll(pattern)) {
        if (index > at) cut.push(piece.slice(at, index))
        if (match !== "") cut.push(match)
        at = index + match.length
      }
      if (at < piece.length) cut.push(piece.slice(at))
    }
    pieces = cut
  }
  return pieces
}

const isWord = /[\p{L}\p{N}]/u

/**
 * How much of the beginning of a text is cut as it is whatever follows: up to the last blank or end of a line behind a
 * letter or a digit, which no piece of such patterns goes over.
 */
export const settledPieces = (text: string): number => {
  const before = (at: number) => Math.max(text.lastIndexOf(" ", at), text.lastIndexOf("\n", at))
  for (let at = before(text.length); at > 0; at = before(at - 1)) {
    const low = text.charCodeAt(at - 1), isPair = low >= 0xdc00 && low < 0xe000
    if (isWord.test(text.slice(isPair ? Math.max(0, at - 2) : at - 1, at))) return at
  }
  return 0
}

/** A part of a string would keep the whole of it in memory. */
const SLICED = 13

const encoder = /* @__PURE__ */ new TextEncoder(),
  decoder = /* @__PURE__ */ new TextDecoder("utf-8", { ignoreBOM: true })

/** The string in memory of its own. */
export const ownString = (text: string): string => text.length < SLICED ? text : decoder.decode(encoder.encode(text))
