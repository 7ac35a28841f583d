import * as Base64 from "effect/encoding/Base64"

/** Text that is HTML already. */
export interface Html {
  readonly html: string
}

/** What stands in a template: text, which is escaped, and HTML, which is not; `undefined` is nothing. */
export type Part = Html | string | number | undefined | ReadonlyArray<Part>

const entities: { readonly [character: string]: string } = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  "\"": "&quot;",
  "'": "&#39;"
}

// XML has no place for the other control characters, and HTML has none in its text.
const unspeakable = /[^\t\n\r\u0020-\u{d7ff}\u{e000}-\u{fffd}\u{10000}-\u{10ffff}]/gu

const show = (part: Part): string => {
  if (part === undefined) return ""
  if (typeof part === "string" || typeof part === "number") {
    return String(part).replaceAll(unspeakable, "\ufffd").replaceAll(/[&<>"']/g, (character) => entities[character]!)
  }
  return "html" in part ? part.html : part.map(show).join("")
}

/** A template of HTML: whatever is put into it is text, unless it is HTML itself. */
export const html = (strings: TemplateStringsArray, ...parts: ReadonlyArray<Part>): Html => ({
  html: strings.map((text, i) => text + show(parts[i])).join("")
})

/** A PNG file as an address that holds it. */
export const pngAddress = (png: Uint8Array): string => `data:image/png;base64,${Base64.encode(png)}`
