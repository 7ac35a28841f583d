import { Result } from "effect"
import { shown } from "../core/configuration.ts"
import { DataError } from "../core/errors.ts"
import { messageOf } from "../core/messageOf.ts"
import { characterOf, unwritten, written } from "./alphabet.ts"
import type { BytePairsDescription } from "./description.ts"
import { merged, pairOf } from "./merging.ts"
import type { Merged } from "./merging.ts"
import { regExpOf } from "./pattern.ts"
import { ownString, piecesOf, settledPieces } from "./pieces.ts"
import { made, utf8 } from "./Tokenizer.ts"
import type { Tokenizer } from "./Tokenizer.ts"

/** How many pieces are kept with their tokens: of most texts nearly all. */
const KEPT = 50_000

type Failing<A> = Result.Result<A, DataError>

const fail = (source: string, expected: string, actual: string): Failing<never> =>
  Result.fail(new DataError({ source, expected, actual }))

const quotedForPattern = (text: string): string => text.replaceAll(/[$()*+.?[\\\]^{|}/-]/g, String.raw`\$&`)

/** Cuts a text at special tokens, of several that begin at a place the longest. */
const specialsOf = (special: BytePairsDescription["special"]) => {
  const texts = Object.keys(special).filter((text) => text !== "").sort((a, b) => b.length - a.length)
  const longest = texts[0]?.length ?? 0
  const pattern = longest === 0 ? undefined : new RegExp(texts.map(quotedForPattern).join("|"), "gu")
  return {
    /** What is before each of them, with its token. */
    cut: (text: string): ReadonlyArray<readonly [before: string, token: number | undefined]> => {
      const parts: Array<readonly [string, number | undefined]> = []
      let at = 0
      for (const { 0: match, index } of pattern === undefined ? [] : text.matchAll(pattern)) {
        parts.push([text.slice(at, index), special[match]!])
        at = index + match.length
      }
      return [...parts, [text.slice(at), undefined]]
    },
    /** A place before `end` that none of them is at. */
    before: (text: string, end: number): number => {
      if (pattern === undefined) return end
      const within = Array.from(text.matchAll(pattern)).find(({ 0: match, index }) =>
        index < end && index + match.length > end
      )
      return within?.index ?? end
    },
    longest
  }
}

const tokensOf = (
  { special, vocabulary }: BytePairsDescription
): Failing<{ readonly tokens: ReadonlyArray<Uint8Array>; readonly ids: ReadonlyMap<string, number> }> => {
  const texts = new Map(Object.entries(special).map(([text, id]) => [id, text]))
  const size = [...texts.keys()].reduce((size, id) => Math.max(size, id + 1), vocabulary.length)
  const ids = new Map<string, number>(), tokens: Array<Uint8Array> = []
  for (let id = 0; id < size; id++) {
    const text = texts.get(id), token = vocabulary[id] ?? ""
    const bytes = text === undefined ? unwritten(token) : utf8(text)
    if (bytes === undefined) {
      return fail(`vocabulary, token ${id}`, "a printable character for each byte, as in GPT-2", shown(token))
    }
    tokens.push(bytes)
    if (text === undefined && token !== "") ids.set(token, id)
  }
  const missing = characterOf.findIndex((character) => !ids.has(character))
  return missing < 0
    ? Result.succeed({ tokens, ids })
    : fail("vocabulary", "a token for every byte", `none for the byte ${missing}`)
}

const mergesOf = (merges: ReadonlyArray<string>, ids: ReadonlyMap<string, number>): Failing<Map<number, Merged>> => {
  const out = new Map<number, Merged>()
  for (const [rank, merge] of merges.entries()) {
    const [left = "", right = "", ...rest] = merge.split(" ")
    const pair = [ids.get(left), ids.get(right), ids.get(left + right)]
    if (rest.length > 0 || pair.includes(undefined)) {
      return fail(`merge ${rank}`, "two tokens, which together are one of the vocabulary", shown(merge))
    }
    const key = pairOf(pair[0]!, pair[1]!)
    if (!out.has(key)) out.set(key, { rank, token: pair[2]! })
  }
  return Result.succeed(out)
}

/** The tokenizer of a description, with distrust: it may be of a file. */
export const bytePairsOf = (description: BytePairsDescription): Failing<Tokenizer> =>
  Result.gen(function*() {
    const { normalization, patterns: expressions, prefixSpace = false, special, wholePieces = false } = description
    const { ids, tokens } = yield* tokensOf(description), merges = yield* mergesOf(description.merges, ids)
    const patterns: Array<RegExp> = []
    for (const pattern of expressions) {
      patterns.push(
        yield* Result.try({
          try: () => regExpOf(pattern),
          catch: (cause) =>
            new DataError({
              source: `pattern ${shown(pattern)}`,
              expected: "a regular expression that JavaScript has too",
              actual: messageOf(cause),
              cause
            })
        })
      )
    }
    const { before, cut, longest } = specialsOf(special)
    const single = characterOf.map((character) => ids.get(character)!)
    const kept = new Map<string, ReadonlyArray<number>>()
    const tokensOfPiece = (piece: string): ReadonlyArray<number> => {
      const known = kept.get(piece)
      if (known !== undefined) return known
      const bytes = utf8(piece)
      const whole = wholePieces ? ids.get(written(bytes)) : undefined
      const found = whole === undefined ? merged(Array.from(bytes, (byte) => single[byte]!), merges) : [whole]
      if (kept.size >= KEPT) kept.clear()
      kept.set(ownString(piece), found)
      return found
    }
    const prepared = (text: string): string => {
      const normal = normalization === undefined ? text : text.normalize(normalization)
      return prefixSpace && normal !== "" && !normal.startsWith(" ") ? ` ${normal}` : normal
    }
    return made({
      description,
      tokens,
      special,
      encode: (text) => {
        const out: Array<number> = []
        for (const [before, token] of cut(text.toWellFormed())) {
          for (const piece of piecesOf(prepared(before), patterns)) {
            for (const id of tokensOfPiece(piece)) out.push(id)
          }
          if (token !== undefined) out.push(token)
        }
        return Int32Array.from(out)
      },
      // A special token may go over the place where other pieces end.
      settled: (text) => before(text, settledPieces(text.slice(0, text.length - Math.max(0, longest - 1))))
    })
  })
