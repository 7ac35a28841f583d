import { assert, describe, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import {
  cpSync,
  existsSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync
} from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { afterAll, beforeAll } from "vitest"

const root = fileURLToPath(new URL("../../..", import.meta.url))
const installed = join(root, "node_modules")

const temporary = mkdtempSync(join(tmpdir(), "effect-neuron-pack-"))
afterAll(() => rmSync(temporary, { recursive: true, force: true }))
const copy = join(temporary, "copy")
const consumer = join(temporary, "consumer")
const unpacked = join(consumer, "node_modules", "effect-neuron")

/** What a command prints; fails with all that it printed when it fails. */
const run = (cwd: string, command: string, ...args: ReadonlyArray<string>): Promise<string> =>
  new Promise((resolve, reject) =>
    execFile(
      command,
      args,
      { cwd },
      (failure, out, err) => failure === null ? resolve(out) : reject(new Error([failure.message, out, err].join("\n")))
    )
  )

const files = (folder: string): ReadonlyArray<string> =>
  globSync("**", { cwd: folder, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/")).sort()

const readJson = (file: string) => JSON.parse(readFileSync(file, "utf8"))

const ERROR = /\berror TS\d+:/

/** The first program in the README, which is the one that readers try. */
const example = (): string => {
  const fence = /^```ts\n([\s\S]*?)^```/m.exec(readFileSync(join(root, "README.md"), "utf8"))
  if (fence === null) throw new Error("README.md: expected a program in a fence marked ts")
  return fence[1]!
}

/** A program that takes every entry, and finds each namespace to be what the subpath of its name gives. */
const subpaths = (namespaces: ReadonlyArray<string>): string =>
  [
    `import * as Library from "effect-neuron"`,
    `import { Cli, layer } from "effect-neuron/node"`,
    `import * as Remote from "effect-neuron/remote"`,
    `import * as RemoteBrowser from "effect-neuron/remote/browser"`,
    `import * as RemoteNode from "effect-neuron/remote/node"`,
    ...namespaces.map((name) => `import * as ${name} from "effect-neuron/${name}"`),
    `const same: typeof Library = { ${namespaces.join(", ")} }`,
    `for (const [name, namespace] of Object.entries(Library)) {`,
    `  if (namespace !== same[name as keyof typeof same]) throw new Error(name)`,
    `}`,
    `if (Cli.command.name !== "effect-neuron" || layer === undefined) throw new Error("node")`,
    `if (Remote.connect === undefined || RemoteBrowser.layerRunner === undefined) throw new Error("remote")`,
    `if (RemoteNode.layerRunner === undefined) throw new Error("remote/node")`
  ].join("\n")

describe("the package", () => {
  beforeAll(async () => {
    // Built and packed in a copy: a build in the project's own `dist` would be another's while it is being replaced.
    const leftOut = /(?:^|[/\\])(?:node_modules|dist|runs|\.git|\.cache)$/
    cpSync(root, copy, { recursive: true, filter: (path) => !leftOut.test(relative(root, path)) })
    symlinkSync(installed, join(copy, "node_modules"), "junction")
    await run(copy, "npm", "pack", "--loglevel=error", "--pack-destination", temporary)
    mkdirSync(unpacked, { recursive: true })
    const [tarball] = globSync("*.tgz", { cwd: temporary })
    await run(unpacked, "tar", "-xzf", join(temporary, tarball!), "--strip-components=1")

    // What it declares to need, and nothing else, stands beside it.
    const { dependencies, peerDependencies } = readJson(join(unpacked, "package.json"))
    for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
      const link = join(consumer, "node_modules", name)
      mkdirSync(dirname(link), { recursive: true })
      symlinkSync(join(installed, name), link, "junction")
    }
    writeFileSync(join(consumer, "package.json"), JSON.stringify({ type: "module" }))
    writeFileSync(join(consumer, "example.ts"), example())
    const namespaces = Object.keys(await import("effect-neuron"))
    writeFileSync(join(consumer, "subpaths.ts"), subpaths(namespaces))
  })

  it("holds the sources, what is built from them, and nothing else", () => {
    const sources = files(join(copy, "src")).map((file) => file.replace(/\.ts$/, ""))
    assert.deepStrictEqual(
      files(unpacked),
      [
        "LICENSE",
        "README.md",
        "package.json",
        ...sources.flatMap((name) => ["d.ts", "d.ts.map", "js", "js.map"].map((kind) => `dist/${name}.${kind}`)),
        ...sources.map((name) => `src/${name}.ts`)
      ].sort()
    )
  })

  it("has maps that lead to its sources", () => {
    for (const map of files(unpacked).filter((file) => file.endsWith(".map"))) {
      const folder = dirname(join(unpacked, map))
      for (const source of readJson(join(unpacked, map)).sources) assert.isTrue(existsSync(join(folder, source)), map)
    }
  })

  it("exports the library, its part for Node, and each namespace", () => {
    const { bin, exports, version } = readJson(join(unpacked, "package.json"))
    const namespaces = readFileSync(join(copy, "src", "index.ts"), "utf8")
      .matchAll(/^export \* as (\w+) from "\.\/(.*)\.ts"$/gm)
    assert.deepStrictEqual(exports, {
      "./package.json": "./package.json",
      ".": "./dist/index.js",
      "./browser": "./dist/browser.js",
      "./node": "./dist/node.js",
      "./remote": "./dist/remote/index.js",
      "./remote/browser": "./dist/remote/browser.js",
      "./remote/node": "./dist/remote/node.js",
      ...Object.fromEntries([...namespaces].map(([, name, file]) => [`./${name}`, `./dist/${file}.js`]))
    })
    for (const target of Object.values<string>({ ...exports, ...bin })) {
      assert.isTrue(existsSync(join(unpacked, target)), target)
    }
    assert.strictEqual(version, readJson(join(copy, "package.json")).version)
  })

  it("runs the example of the README", () => run(consumer, process.execPath, "example.ts"))

  it("trains in a worker thread", async () => {
    cpSync(join(root, "examples", "worker.ts"), join(consumer, "worker.ts"))
    assert.match(await run(consumer, process.execPath, "worker.ts"), /: 0 1 1 0\nlayers .*; 0 tensors left\n$/)
  })

  it("gives the namespaces under their subpaths too, and the part for Node", () =>
    run(consumer, process.execPath, "subpaths.ts"))

  it("brings its command line", async () => {
    const { bin, version } = readJson(join(unpacked, "package.json"))
    const main = join(unpacked, bin["effect-neuron"])
    assert.match(readFileSync(main, "utf8"), /^#!\/usr\/bin\/env node\n/)
    assert.include(await run(consumer, process.execPath, main, "--version"), version)
  })

  const compile = (compilerOptions: { readonly moduleResolution: string; readonly [option: string]: unknown }) => {
    const project = join(consumer, `${compilerOptions.moduleResolution}.json`)
    const lib = ["ES2024", "DOM", "DOM.Iterable", "DOM.AsyncIterable", "ESNext.Disposable"]
    const strict = { strict: true, noEmit: true, target: "ES2022", lib, types: [], ...compilerOptions }
    writeFileSync(project, JSON.stringify({ compilerOptions: strict, include: ["*.ts"] }))
    return run(consumer, process.execPath, join(installed, "typescript", "bin", "tsc"), "-p", project)
  }

  it("has types for bundlers", () => compile({ module: "ESNext", moduleResolution: "Bundler", skipLibCheck: true }))

  it("has types for Node, without an error in its declarations", async () => {
    const printed = await compile({ module: "NodeNext", moduleResolution: "NodeNext" }).catch((failure: Error) => {
      if (!ERROR.test(failure.message)) throw failure
      return failure.message
    })
    // Those who skip the check of libraries would have `any` for what a declaration fails to import. The declarations
    // of TensorFlow.js do not pass it: they describe WebGPU as it was, beside the compiler's own.
    const errors = printed.split("\n").filter((line) => ERROR.test(line))
    assert.deepStrictEqual(errors.filter((line) => !/\/(?:@tensorflow|@typescript|@webgpu)\//.test(line)), [])
  })
})
