import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { guidePages } from "./guides.ts"
import { markdown, shell } from "./page.ts"
import type { Page, Section } from "./page.ts"
import { declarations, publicApi } from "./publicApi.ts"
import type { Module } from "./publicApi.ts"
import { referenceNames, referencePages } from "./reference.ts"

const here = (file: string) => fileURLToPath(new URL(file, import.meta.url))

const FOLDERS = [
  ["tutorials", "Tutorials"],
  ["how-to", "How to"],
  ["explanation", "Explanation"],
  ["decisions", "Decisions"],
  ["measurements", "Measurements"]
] as const

const sectionOf = (title: string, pages: ReadonlyArray<Page>): Section => ({
  title,
  items: pages.map(({ path, title }) => ({ path, title }))
})

/** Writes the site of the documents and the reference to a folder, and gives what the reference is of. */
export const writeSite = (folder: string): ReadonlyArray<Module> => {
  const scratch = mkdtempSync(join(tmpdir(), "effect-neuron-declarations-"))
  try {
    declarations(scratch)
    const modules = publicApi(scratch)
    const guides = FOLDERS.map(([name, title]) => ({ title, pages: guidePages(name) })).filter(({ pages }) =>
      pages.length > 0
    )
    const reference = referencePages(modules, scratch)
    const start: Page = {
      path: "index.html",
      title: "Neural-network training for TypeScript",
      body: markdown(
        readFileSync(here("../../README.md"), "utf8"),
        (href) => href.replace(/^docs\/(.*)\.md(?=#|$)/, "$1.html").replace(/\/README\.html$/, "/index.html")
      ).replaceAll("src=\"docs/images/", "src=\"images/")
    }
    const navigation = [
      ...guides.map(({ pages, title }) => sectionOf(title, pages)),
      sectionOf("Reference", reference)
    ]
    const pages = [start, ...guides.flatMap(({ pages }) => pages), ...reference]
    rmSync(folder, { recursive: true, force: true })
    for (const page of pages) {
      mkdirSync(dirname(join(folder, page.path)), { recursive: true })
      writeFileSync(join(folder, page.path), shell(page, navigation))
    }
    const names = [
      ...referenceNames(modules),
      ...guides.flatMap(({ pages, title }) => pages.map((page) => [page.title, page.path, title] as const))
    ]
    writeFileSync(join(folder, "names.js"), `var names = ${JSON.stringify(names)}\n`)
    for (const file of ["style.css", "search.js"]) cpSync(here(file), join(folder, file))
    cpSync(here("../images"), join(folder, "images"), { recursive: true })
    return modules
  } finally {
    rmSync(scratch, { recursive: true })
  }
}
