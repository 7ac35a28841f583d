import { globSync, readFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { parseAst } from "vitest/node"

/**
 * A piece of documentation that is a program: `title` says where it stands. It stands in a fence marked `ts`, and is
 * compiled and run, or `ts no-run`, and is only compiled. A fence marked `ts more` goes on with the one before it, and
 * one marked `ts more no-run` does so too and is only compiled. Fences marked otherwise (`typescript`) are text.
 */
interface Snippet {
  readonly title: string
  readonly code: string
  readonly runs: boolean
}

const FENCE = /^```ts(?: (no-run|more|more no-run))?\n([\s\S]*?)^```/gm

const fences = (text: string): ReadonlyArray<Omit<Snippet, "title">> => {
  const found: Array<Omit<Snippet, "title">> = []
  for (const [, mark, code] of text.matchAll(FENCE)) {
    const before = mark?.startsWith("more") ? found.pop() : undefined
    const own = mark === "more no-run" ? `async () => {\n${code}}\n` : code!
    found.push({ code: (before?.code ?? "") + own, runs: before?.runs ?? mark !== "no-run" })
  }
  return found
}

const numbered = (title: string, snippets: ReadonlyArray<Omit<Snippet, "title">>): ReadonlyArray<Snippet> =>
  snippets.map((snippet, i) => ({ ...snippet, title: i === 0 ? title : `${title} ${i + 1}` }))

const docComments = (file: string): ReadonlyArray<{ readonly symbol: string; readonly text: string }> =>
  [...readFileSync(file, "utf8").matchAll(/^([ \t]*)\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*([^\n]*)/gm)].map((
    [, , body, next]
  ) => ({
    symbol: /^(?:export )?(?:declare )?(?:(?:const|function|class|type|interface|readonly) )?([\w$]+)/.exec(next!)?.[1]
      ?? "",
    text: body!.replace(/^[ \t]*\* ?/gm, "")
  }))

const examples = (text: string): ReadonlyArray<Omit<Snippet, "title">> =>
  text.split(/^@(?=\w)/m).filter((tag) => tag.startsWith("example")).flatMap(fences)

/** The examples in the doc comments of the sources, and the programs on the pages. */
export const snippets = (): ReadonlyArray<Snippet> => [
  ...globSync("src/**/*.ts").sort().flatMap((file) =>
    docComments(file).flatMap(({ symbol, text }) => numbered(`${file} ${symbol}`, examples(text)))
  ),
  ...globSync(["README.md", "docs/**/*.md"]).sort().flatMap((file) =>
    numbered(file, fences(readFileSync(file, "utf8")))
  )
]

type Node = { readonly type: string; readonly start: number; readonly end: number }

const statements = (node: unknown): ReadonlyArray<Node> => {
  if (typeof node !== "object" || node === null) return []
  const below = Object.values(node).flatMap(statements)
  const { type } = node as Partial<Node>
  return type === "ExpressionStatement" || type === "VariableDeclaration" ? [node as Node, ...below] : below
}

const MARK = /\/\/ (?:=>|throws [A-Z])/g
const EXPECTATION = /^[ \t]*(?:\n[ \t]*)?\/\/ (=>|throws) (.*(?:\n[ \t]*\/\/ {2,}.*)*)/

/**
 * The snippet as a module with one function, in which `statement // => value` asserts a value, of an expression or of
 * the constant that is declared, and `expression // throws Name: message` an error. The comment may stand on the next
 * line, and go on below with more indentation.
 */
export const toModule = ({ code, title }: Snippet): string => {
  const { body } = parseAst(code, { lang: "ts" })
  const imports = body.filter(({ type }) => type === "ImportDeclaration")
  const edits = imports.map(({ end, start }) => ({ start, end, text: "" }))
  // What a module exports is a constant of the function.
  for (const { start, type } of body) {
    if (type === "ExportNamedDeclaration") edits.push({ start, end: start + "export ".length, text: "" })
  }
  let expectations = 0
  for (const { end, start, type } of statements(body)) {
    const found = EXPECTATION.exec(code.slice(end))
    if (found === null) continue
    const throws = found[1] === "throws"
    const expected = found[2]!.replace(/\n[ \t]*\/\/ */g, "\n")
    const replaceComment = (text: string) => edits.push({ start: end, end: end + found[0].length, text })
    if (type === "VariableDeclaration") {
      const name = /^const ([\w$]+)/.exec(code.slice(start, end))?.[1]
      if (name === undefined || throws) continue
      replaceComment(`\n$check.equals(${name}, ${expected})`)
    } else {
      edits.push({ start, end: start, text: throws ? "await $check.throws(async () => (" : "$check.equals(" })
      replaceComment(throws ? `), ${JSON.stringify(expected)})` : `, ${expected})`)
    }
    expectations++
  }
  if (expectations !== (code.match(MARK)?.length ?? 0)) {
    throw new Error(`${title}: an expectation belongs to no expression`)
  }
  const program = edits.sort((a, b) => b.start - a.start).reduce(
    (text, edit) => text.slice(0, edit.start) + edit.text + text.slice(edit.end),
    code
  )
  return [
    ...imports.map(({ end, start }) => code.slice(start, end)),
    `import { check as $check } from "../../test/support/docsCheck.ts"`,
    `export const run = async (): Promise<void> => {\n${program}\n}\n`
  ].join("\n")
}

/** Whether what `file` exports as `name` has an example in its doc comment, there or in the file it comes from. */
const hasExample = (file: string, name: string): boolean => {
  if (docComments(file).some(({ symbol, text }) => symbol === name && examples(text).length > 0)) return true
  const from = (path: string) => join(dirname(file), path)
  return [...readFileSync(file, "utf8").matchAll(/^export (?:\{([^}]*)\}|\*) from "(\.[^"]*)"/gm)].some(
    ([, names, path]) => {
      if (names === undefined) return hasExample(from(path!), name)
      const original = names.split(",").map((part) => part.trim().split(" as ")).find((part) => part.at(-1) === name)
      return original !== undefined && hasExample(from(path!), original[0]!)
    }
  )
}

/** The functions and constants that an entry point exports, those of its namespaces included, without an example. */
export const undocumented = (entry: string, exports: { readonly [name: string]: unknown }): ReadonlyArray<string> => {
  const namespaces = new Map(
    [...readFileSync(entry, "utf8").matchAll(/^export \* as (\w+) from "(.*)"/gm)].map((
      [, name, path]
    ) => [name!, path!])
  )
  const isClass = (u: unknown): boolean =>
    typeof u === "function" && /^class\b/.test(Function.prototype.toString.call(u))
  return Object.entries(exports).flatMap(([name, value]) => {
    const path = namespaces.get(name)
    if (path === undefined) return isClass(value) || hasExample(entry, name) ? [] : [name]
    return Object.entries(value as object)
      .filter(([key, member]) => !isClass(member) && !hasExample(join(dirname(entry), path), key))
      .map(([key]) => `${name}.${key}`)
  })
}
