import { globSync, readFileSync } from "node:fs"
import { basename, dirname, join, posix } from "node:path"
import { fileURLToPath } from "node:url"
import { markdown, slug } from "./page.ts"
import type { Page } from "./page.ts"

const docs = fileURLToPath(new URL("..", import.meta.url))

const titleOf = (text: string): string => /^# (.+)$/m.exec(text)![1]!.replaceAll("`", "")

/** Pages that are written by hand link to each other's files; here they are pages of the site. */
const linkFrom = (file: string) => (href: string): string => {
  const [path, anchor] = href.split("#") as [string, string | undefined]
  if (!path.endsWith(".md") || /^\w+:/.test(path)) return href
  const target = posix.normalize(posix.join(posix.dirname(file), path))
  if (target.startsWith("..")) return `https://www.npmjs.com/package/effect-neuron`
  return `${posix.relative(posix.dirname(file), target.replace(/README\.md$/, "index.md")).replace(/md$/, "html")}${
    anchor === undefined ? "" : `#${anchor}`
  }`
}

const pageOf = (file: string): Page => {
  const text = readFileSync(join(docs, file), "utf8")
  const parts = [...text.replaceAll(/^```[\s\S]*?^```/gm, "").matchAll(/^## (.+)$/gm)].map(([, title]) => ({
    title: title!.replaceAll("`", ""),
    anchor: slug(title!)
  }))
  return {
    path: join(dirname(file), `${basename(file, ".md").replace("README", "index")}.html`),
    title: titleOf(text),
    body: markdown(text, linkFrom(file)),
    parts
  }
}

/** The pages of a folder of documents: its overview, and the others in the order of their names. */
export const guidePages = (folder: string): ReadonlyArray<Page> => {
  const files = globSync("*.md", { cwd: join(docs, folder) }).sort()
  return [...files.filter((file) => file === "README.md"), ...files.filter((file) => file !== "README.md")].map((
    file
  ) => pageOf(join(folder, file)))
}
