import { assert, describe, it } from "@effect/vitest"
import * as Neuron from "effect-neuron"
import { globSync, mkdtempSync, readFileSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, normalize } from "node:path"
import { afterAll } from "vitest"
import { writeSite } from "../../docs/generate/site.ts"

const folder = mkdtempSync(join(tmpdir(), "effect-neuron-site-"))
afterAll(() => rmSync(folder, { recursive: true }))

describe("the site of the documents", () => {
  const modules = writeSite(folder)
  const pages = new Map(
    globSync("**/*.html", { cwd: folder }).map((page) => [page, readFileSync(join(folder, page), "utf8")])
  )

  it("has every public name, with its signature and what is said of it", () => {
    const missing = Object.entries(Neuron).flatMap(([name, namespace]) => {
      const entries = new Map(
        modules.find((module) => module.name === name)?.entries.map((entry) => [entry.name, entry])
      )
      return Object.keys(namespace).filter((key) => !entries.get(key)?.comment || !entries.get(key)?.signature)
        .map((key) => `${name}.${key}`)
    })
    assert.deepStrictEqual(missing, [])
  })

  it("finds each name in its search", () => {
    const names = JSON.parse(readFileSync(join(folder, "names.js"), "utf8").replace("var names = ", "")) as Array<
      [string, string]
    >
    assert.deepInclude(names.map(([name, path]) => [name, path]), ["Layers.dense", "reference/Layers.html#dense"])
    for (const [name, path] of names) {
      const [page, anchor] = path.split("#")
      assert.isTrue(pages.has(page!), `${name}: ${page}`)
      if (anchor !== undefined) assert.include(pages.get(page!)!, `id="${anchor}"`, name)
    }
  })

  it("has no link that leads nowhere", () => {
    const broken = [...pages].flatMap(([page, html]) =>
      [...html.matchAll(/<a [^>]*href="([^"]*)"/g)].map(([, href]) => href!).filter((href) => !/^\w+:/.test(href))
        .filter((href) => {
          const [path, anchor] = href.split("#"), target = path === "" ? page : normalize(join(dirname(page), path!))
          return !pages.has(target) || (anchor !== undefined && !pages.get(target)!.includes(`id="${anchor}"`))
        }).map((href) => `${page}: ${href}`)
    )
    assert.deepStrictEqual(broken, [])
  })
})
