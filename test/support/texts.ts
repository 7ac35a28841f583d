import { Key, Random } from "effect-neuron"

/** Where the characters of a text come from: their least code point, and how many there are. */
const ranges: ReadonlyArray<readonly [from: number, count: number]> = [
  [0x20, 95],
  [0x61, 26],
  [0x09, 5],
  [0x20, 1],
  [0x00, 0x300],
  [0x300, 0x3000],
  [0x4e00, 0x5000],
  [0x1f300, 0x500],
  [0x10000, 0x100000],
  [0xfe00, 0x200]
]

/** Texts of all of Unicode, the same ones each time; with `halves` some have halves of surrogate pairs. */
export const randomTexts = (
  count: number,
  { halves = false, seed = 1 }: { readonly halves?: boolean; readonly seed?: number } = {}
): ReadonlyArray<string> => {
  const next = Random.generator(Key.make(seed)), below = (n: number) => Math.floor(next() * n)
  const character = () => {
    if (halves && below(6) === 0) return String.fromCharCode(0xd800 + below(0x800))
    const [from, count] = ranges[below(ranges.length)]!
    return String.fromCodePoint(from + below(count))
  }
  return Array.from({ length: count }, () => {
    const text = Array.from({ length: below(40) }, character).join("")
    return halves ? text : text.toWellFormed()
  })
}

/** A text in pieces of random sizes, also in the middle of characters. */
export const inPieces = (text: string, most: number, seed = 1): ReadonlyArray<string> => {
  const next = Random.generator(Key.make(seed)), pieces: Array<string> = []
  for (let at = 0; at < text.length;) {
    const end = at + Math.floor(next() * (most + 1))
    pieces.push(text.slice(at, end))
    at = end
  }
  return pieces
}
