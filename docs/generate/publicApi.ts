import { execFileSync } from "node:child_process"
import { existsSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { parseAst } from "rolldown/parseAst"

/** One public name: where it stands, its kind, its declaration as TypeScript, and its doc comment without the stars. */
export interface Entry {
  readonly name: string
  readonly kind: "value" | "class" | "type"
  readonly signature: string
  readonly comment: string
}

/** A module of the reference: a namespace of the main entry point, or another entry point. */
export interface Module {
  readonly name: string
  /** How a program gets it. */
  readonly importLine: string
  readonly entries: ReadonlyArray<Entry>
}

const root = fileURLToPath(new URL("../..", import.meta.url))

/** Writes the declarations of the sources to a folder. */
export const declarations = (folder: string): void => {
  execFileSync(process.execPath, [
    join(root, "node_modules/typescript/bin/tsc"),
    ...["-p", join(root, "tsconfig.build.json"), "--emitDeclarationOnly", "--declarationMap", "false"],
    ...["--outDir", folder]
  ])
}

type Node = {
  readonly type: string
  readonly start: number
  readonly end: number
  readonly declaration?: Node & { readonly id?: { readonly name: string }; readonly declarations?: ReadonlyArray<Node> }
  readonly id?: { readonly name: string }
  readonly source?: { readonly value: string }
  readonly exported?: { readonly name: string }
  readonly superClass?: Node
  readonly body?: unknown
  readonly specifiers?: ReadonlyArray<
    { readonly local: { readonly name: string }; readonly exported: { readonly name: string } }
  >
}

const files = new Map<string, { readonly code: string; readonly body: ReadonlyArray<Node> }>()

const parsed = (file: string, lang: "ts" | "dts") => {
  let found = files.get(file)
  if (found === undefined) {
    const code = readFileSync(file, "utf8")
    found = { code, body: parseAst(code, { lang }).body as unknown as ReadonlyArray<Node> }
    files.set(file, found)
  }
  return found
}

const COMMENT = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*$/

const commentBefore = (code: string, start: number): string =>
  (COMMENT.exec(code.slice(0, start))?.[1] ?? "").replace(/^[ \t]*\* ?/gm, "").trim()

const declared = (node: Node): string | undefined =>
  node.declaration?.id?.name ?? node.declaration?.declarations?.[0]?.id?.name

/** A class as its source begins: the declaration of an error or a service hides its fields in a base class. */
const classHead = (source: string, name: string): string => {
  const { body, code } = parsed(source, "ts")
  const node = body.find((node) => node.declaration?.type === "ClassDeclaration" && declared(node) === name)!
  const { declaration } = node, { superClass } = declaration!
  return `class ${name}${superClass === undefined ? "" : ` extends ${code.slice(superClass.start, superClass.end)}`}`
}

const entryOf = (folder: string, file: string, node: Node, name: string): Entry => {
  const { code } = parsed(file, "dts"), declaration = node.declaration!
  const comment = commentBefore(code, node.start)
  if (declaration.type === "ClassDeclaration") {
    const source = join(root, "src", file.slice(folder.length + 1).replace(/\.d\.ts$/, ".ts"))
    return { name, kind: "class", comment, signature: classHead(source, declared(node)!) }
  }
  const signature = code.slice(declaration.start, declaration.end).replace(/^declare /, "")
  return { name, kind: declaration.type.startsWith("TS") ? "type" : "value", comment, signature }
}

/** What a declaration file exports, in the order of its names, wherever it comes from. */
const exportsOf = (folder: string, file: string, only?: ReadonlyMap<string, string>): ReadonlyArray<Entry> => {
  const entries: Array<Entry> = [], { body } = parsed(file, "dts")
  const wanted = (name: string): string | undefined => only === undefined ? name : only.get(name)
  for (const node of body) {
    const from = node.source ? join(dirname(file), node.source.value.replace(/\.ts$/, ".d.ts")) : undefined
    if (node.type === "ExportNamedDeclaration" && node.declaration) {
      const name = declared(node), as = name === undefined ? undefined : wanted(name)
      if (as !== undefined && !entries.some((entry) => entry.name === as)) entries.push(entryOf(folder, file, node, as))
    } else if (node.type === "ExportNamedDeclaration" && from !== undefined) {
      const names = new Map(
        node.specifiers!.flatMap(({ exported, local }) => {
          const as = wanted(exported.name)
          return as === undefined ? [] : [[local.name, as] as const]
        })
      )
      if (names.size > 0 && existsSync(from)) entries.push(...exportsOf(folder, from, names))
    } else if (node.type === "ExportAllDeclaration" && !node.exported && from !== undefined) {
      if (existsSync(from)) entries.push(...exportsOf(folder, from, only))
    }
  }
  return entries
}

const namespacesOf = (folder: string, entry: string, from: string): ReadonlyArray<Module> => {
  const file = join(folder, entry)
  return parsed(file, "dts").body.flatMap(({ exported, source, type }) =>
    type === "ExportAllDeclaration" && exported
      ? [{
        name: exported.name,
        importLine: `import { ${exported.name} } from "${from}"`,
        entries: exportsOf(folder, join(dirname(file), source!.value.replace(/\.ts$/, ".d.ts")))
      }]
      : []
  )
}

const flat = (folder: string, entry: string, name: string, from: string): Module => ({
  name,
  importLine: `import * as ${name.split(" ")[0]} from "${from}"`,
  entries: exportsOf(folder, join(folder, entry))
})

/** The public modules, read from the declarations in a folder. */
export const publicApi = (folder: string): ReadonlyArray<Module> =>
  [
    ...namespacesOf(folder, "index.d.ts", "effect-neuron"),
    flat(folder, "browser.d.ts", "Browser", "effect-neuron/browser"),
    flat(folder, "node.d.ts", "Node", "effect-neuron/node"),
    ...namespacesOf(folder, "node.d.ts", "effect-neuron/node"),
    flat(folder, "remote/index.d.ts", "Remote", "effect-neuron/remote"),
    flat(folder, "remote/browser.d.ts", "RemoteBrowser", "effect-neuron/remote/browser"),
    flat(folder, "remote/node.d.ts", "RemoteNode", "effect-neuron/remote/node")
  ].map(({ entries, importLine, name }) => ({
    name,
    importLine,
    entries: [...entries].sort((a, b) => a.name < b.name ? -1 : 1)
  }))
