import { execFileSync } from "node:child_process"
import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { escape, highlight, markdown } from "./page.ts"
import type { Page } from "./page.ts"
import type { Entry, Module } from "./publicApi.ts"

const root = fileURLToPath(new URL("../..", import.meta.url))

const MARK = "// ---- next\n"

/** Declarations as the formatter of the sources lays them out, in lines that fit a page. */
const formatted = (signatures: ReadonlyArray<string>, scratch: string): ReadonlyArray<string> => {
  const config = join(scratch, "dprint.json")
  writeFileSync(
    config,
    JSON.stringify({
      lineWidth: 88,
      typescript: { semiColons: "asi", "arrowFunction.useParentheses": "force" },
      includes: ["**/*.ts"],
      plugins: [join(root, "node_modules/@dprint/typescript/plugin.wasm")]
    })
  )
  const all = signatures.map((signature) => `${MARK}${signature.replace(/^(class .*)$/s, "$1 {}")}\n`).join("")
  const file = join(scratch, "all.ts")
  writeFileSync(file, all)
  execFileSync(process.execPath, [join(root, "node_modules/dprint/bin.cjs"), "fmt", "--config", config, file], {
    cwd: scratch
  })
  return readFileSync(file, "utf8").split(MARK).slice(1).map((signature) => signature.trim().replace(/ \{\s*\}$/, ""))
}

const path = (name: string): string => `reference/${name}.html`

/** The comment of an entry in Markdown, with its `{@link}`s as links, and its examples under a heading of their own. */
const textOf = ({ comment }: Entry, module: Module, modules: ReadonlyArray<Module>): string => {
  const linked = comment.replaceAll(/\{@link ([\w.]+)\}/g, (_, name: string) => {
    const [first, second] = name.split("."), other = modules.find((module) => module.name === first)
    if (second !== undefined && other !== undefined) return `[\`${name}\`](${first}.html#${second})`
    return module.entries.some((entry) => entry.name === name) ? `[\`${name}\`](#${name})` : `\`${name}\``
  })
  return linked.replaceAll(/^@example\s*$/gm, "**Example**\n").replaceAll(/^@(\w+)/gm, "**$1**")
}

/** The names of types that stand in a signature, as links to where they are explained. */
const withLinks = (html: string, own: Entry, module: Module, modules: ReadonlyArray<Module>): string =>
  // Marked up as the name of a class, one with a digit in it would be two.
  html.replaceAll(/<span class="hljs-title class_">([^<]*)<\/span>/g, "$1").replaceAll(
    /(?<![\w.&#-])(?:(\w+)\.)?([A-Z]\w*)\b(?![^<]*>)/g,
    (whole, space: string | undefined, name: string) => {
      if (name === own.name && space === undefined) return whole
      const has = ({ entries }: Module) => entries.some((entry) => entry.name === name && entry.kind !== "value")
      const found = space === undefined
        ? (has(module) ? module : modules.find(has))
        : modules.find((other) => other.name === space && has(other))
      if (found === undefined) return whole
      return `<a href="${found === module ? "" : `${found.name}.html`}#${name}">${whole}</a>`
    }
  )

const KINDS = [["value", "Values"], ["class", "Classes"], ["type", "Types"]] as const

/** A page for each module. `scratch` is a folder for what is needed on the way. */
export const referencePages = (modules: ReadonlyArray<Module>, scratch: string): ReadonlyArray<Page> => {
  const signatures = formatted(modules.flatMap(({ entries }) => entries.map(({ signature }) => signature)), scratch)
  let next = 0
  return modules.map((module) => {
    const laidOut = new Map(module.entries.map((entry) => [entry, signatures[next++]!]))
    const one = (entry: Entry) =>
      `<section class="entry" id="${entry.name}"><h3><a href="#${entry.name}">${entry.name}</a></h3>
<pre class="signature" tabindex="0"><code>${
        withLinks(highlight(laidOut.get(entry)!, "ts"), entry, module, modules)
      }</code></pre>
${markdown(textOf(entry, module, modules))}</section>`
    const groups = KINDS.flatMap(([kind, title]) => {
      const entries = module.entries.filter((entry) => entry.kind === kind)
      return entries.length === 0 ? [] : [`<h2 id="${title.toLowerCase()}">${title}</h2>${entries.map(one).join("\n")}`]
    })
    return {
      path: path(module.name),
      title: module.name,
      body: `<h1>${escape(module.name)}</h1><pre tabindex="0"><code>${highlight(module.importLine, "ts")}</code></pre>${
        groups.join("\n")
      }`,
      parts: KINDS.flatMap(([kind]) =>
        module.entries.filter((entry) => entry.kind === kind).map(({ name }) => ({ title: name, anchor: name }))
      )
    }
  })
}

/** What the search finds of the modules: name, address, and the first sentence of what is said of it. */
export const referenceNames = (modules: ReadonlyArray<Module>): ReadonlyArray<readonly [string, string, string]> =>
  modules.flatMap(({ entries, name: module }) =>
    entries.map(({ comment, name }) =>
      [
        `${module}.${name}`,
        `${path(module)}#${name}`,
        /^[\s\S]*?[.:](?=\s|$)/.exec(comment)?.[0].replaceAll(/\s+/g, " ") ?? ""
      ] as const
    )
  )
