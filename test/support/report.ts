import { assert } from "@effect/vitest"
import type { Xml } from "effect/encoding"
import { all } from "./html.ts"

/** Fails when a report has a table, a drawing or a picture that a screen reader cannot read aloud. */
export const saysAllInWords = (root: Xml.Element): void => {
  for (const table of all(root, "table")) {
    assert.lengthOf(all(table, "caption"), 1)
    assert.isTrue(all(table, "th").every(({ attributes }) => ["row", "col"].includes(attributes["scope"]!)))
    for (const row of all(table, "tr").slice(1)) assert.lengthOf(all(row, "th"), 1)
  }
  const drawings = all(root, "svg").map((svg) => {
    assert.strictEqual(svg.attributes["role"], "img")
    const ids = svg.attributes["aria-labelledby"]!
    const words = [...all(svg, "title"), ...all(svg, "desc")].flatMap(({ attributes: { id } }) => id ?? [])
    assert.deepStrictEqual(words, ids.split(" "))
    return ids
  })
  assert.lengthOf(new Set(drawings), drawings.length)
  assert.isTrue(all(root, "img").every(({ attributes }) => attributes["alt"]))
}

/** Fails when a report asks for anything that is not in it; gives the addresses of its pictures. */
export const asksForNothing = (written: string): ReadonlyArray<string> => {
  assert.notMatch(written, /:\/\/|<script|<link|<iframe|@import|url\(|\son\w+=/)
  const sources = [...written.matchAll(/\s(?:src|href|srcset|action|data)="([^"]*)"/g)].map(([, source]) => source!)
  assert.isTrue(sources.every((source) => source.startsWith("data:image/png;base64,")), sources.join())
  return sources
}
