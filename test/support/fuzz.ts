import { Key, Random } from "effect-neuron"

/** How many times as many inputs as in a short run: `SOAK=20 vitest run --project soak` tries 100,000 and more. */
export const soak = Math.max(1, Number(process.env["SOAK"]) || 1)

/** Inputs that are wrong in the ways in which files are, the same ones each time. */
export const fuzz = (seed: number) => {
  const next = Random.generator(Key.make(seed))
  const below = (n: number) => Math.floor(next() * n)
  const oneOf = <A>(values: ReadonlyArray<A>): A => values[below(values.length)]!

  /** A file with a few bytes that are others, are left out, are there twice, or are an extreme number. */
  const damaged = (whole: Uint8Array): Uint8Array => {
    let bytes = Uint8Array.from(whole)
    for (let times = 1 + below(3); times > 0 && bytes.length > 0; times--) {
      const at = below(bytes.length), to = Math.min(bytes.length, at + 1 + below(20))
      switch (below(6)) {
        case 0:
          bytes[at]! ^= 1 << below(8)
          break
        case 1:
          bytes[at] = oneOf([0, 1, 127, 128, 255])
          break
        case 2:
          bytes = bytes.slice(0, at)
          break
        case 3:
          bytes = Uint8Array.from([...bytes.subarray(0, at), ...bytes.subarray(to)])
          break
        case 4:
          bytes = Uint8Array.from([...bytes.subarray(0, to), ...bytes.subarray(at)])
          break
        default:
          bytes.fill(oneOf([0, 255]), at, Math.min(to, at + oneOf([2, 4, 8])))
      }
    }
    return bytes
  }

  const nested = (depth: number) => `${"[".repeat(depth)}${"]".repeat(depth)}`
  const values = [
    ...["0", "-0", "1", "-1", "1.5", "1e400", "-1e400", "1e-400", "9007199254740993", "4294967296", "NaN", "Infinity"],
    ...["null", "true", "\"2\"", "\"\"", "\"NaN\"", "{}", "[]", "[1]", "{\"__proto__\":1}", "\"__proto__\""],
    ...[
      nested(300),
      nested(50_000),
      "{\"a\":".repeat(30_000) + "1" + "}".repeat(30_000),
      "\"\\ud800\"",
      "\"constructor\""
    ]
  ]

  /** A text of JSON in which a few values, which are found by what begins and ends them, are others. */
  const damagedJson = (text: string): string => {
    const places = Array.from(text.matchAll(/"(?:[^"\\]|\\.)*"|-?\d[\d.e+-]*|true|false|null|\{\}|\[\]/g))
    let out = text
    for (let times = 1 + below(2); times > 0; times--) {
      const place = oneOf(places)
      out = out.replace(place[0], () => oneOf(values))
    }
    return next() < 0.8 ? out : new TextDecoder().decode(damaged(new TextEncoder().encode(out.slice(0, 5000))))
  }
  return { next, below, oneOf, damaged, damagedJson }
}
