import { Effect, Stream } from "effect"
import { DataError } from "../core/errors.ts"
import { ownString } from "./pieces.ts"

/** So much of a text is worked through at once, however long the strings are that it comes in. */
const MOST = 65_536

/**
 * Texts in parts that can be worked through one after the other: what is not settled waits for what follows, the rest
 * for the end.
 */
export const settledParts =
  (settled: (text: string) => number) => <E, R>(texts: Stream.Stream<string, E, R>): Stream.Stream<string, E, R> =>
    Stream.mapAccum(texts, () => "", (before, text) => {
      const parts: Array<string> = []
      let rest = before
      for (let at = 0; at < text.length; at += MOST) {
        rest += text.slice(at, at + MOST)
        const end = settled(rest)
        if (end > 0) parts.push(rest.slice(0, end))
        rest = rest.slice(end)
      }
      return [rest, parts] as const
    }, { onHalt: (rest) => rest === "" ? [] : [rest] })

/** How often each piece of some texts is in them. */
export const countPieces = <E, R>(
  texts: Stream.Stream<string, E, R>,
  settled: (text: string) => number,
  pieces: (text: string) => ReadonlyArray<string>
): Effect.Effect<Map<string, number>, E, R> =>
  texts.pipe(
    settledParts(settled),
    Stream.runFold(() => new Map<string, number>(), (counts, text) => {
      for (const piece of pieces(text.toWellFormed())) {
        const before = counts.get(piece)
        if (before === undefined) counts.set(ownString(piece), 1)
        else counts.set(piece, before + 1)
      }
      return counts
    })
  )

/** What there is to say of no text at all. */
export const noText = (source: string): DataError =>
  new DataError({ source, expected: "a text of at least one character", actual: "none" })
