import { Effect, Stream } from "effect"
import { Xml } from "effect/encoding"

/** The root element of a page that is well-formed XML; fails when it is not. */
export const parse = (page: string): Effect.Effect<Xml.Element, Xml.XmlError> =>
  Stream.make(page).pipe(
    Stream.pipeThroughChannel(Xml.decodeString()),
    Stream.pipeThroughChannel(Xml.elements(["html"])),
    Stream.runCollect,
    Effect.map(([root]) => root!)
  )

/** The elements of a name below another, in the order of the document. */
export const all = (element: Xml.Element, name: string): ReadonlyArray<Xml.Element> =>
  element.children.flatMap((child) =>
    typeof child === "string" ? [] : [...(child.name === name ? [child] : []), ...all(child, name)]
  )

/** All text in an element, with spaces as a browser shows them. */
export const text = (element: Xml.Element): string => content(element).replaceAll(/\s+/g, " ").trim()

const content = (element: Xml.Element): string =>
  element.children.map((child) => typeof child === "string" ? child : content(child)).join("")

/** The table with a caption that matches: the texts of its cells, header cells too, row by row. */
export const table = (root: Xml.Element, caption: RegExp): ReadonlyArray<ReadonlyArray<string>> => {
  const found = all(root, "table").find((table) => all(table, "caption").some((element) => caption.test(text(element))))
  if (found === undefined) throw new Error(`no table with a caption of ${caption}`)
  return all(found, "tr").map((row) => row.children.flatMap((cell) => typeof cell === "string" ? [] : [text(cell)]))
}
