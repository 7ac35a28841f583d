import { assert, describe, inject, it } from "@effect/vitest"
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, writeFileSync } from "node:fs"
import { dirname, join, relative } from "node:path"
import { fileURLToPath } from "node:url"
import { run } from "../../support/run.ts"
import { readmeProgram, subpaths } from "./programs.ts"

const root = fileURLToPath(new URL("../../..", import.meta.url))
const consumer = inject("consumer"), unpacked = join(consumer, "node_modules", "effect-neuron")

const files = (folder: string): ReadonlyArray<string> =>
  globSync("**", { cwd: folder, withFileTypes: true }).filter((entry) => entry.isFile())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).replaceAll("\\", "/")).sort()

const readJson = (file: string) => JSON.parse(readFileSync(file, "utf8"))

/** A folder of its own in the project that the package is installed in. */
const project = (name: string): string => {
  const folder = join(consumer, name)
  mkdirSync(folder)
  writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }))
  return folder
}

describe("the package", () => {
  it("holds the sources, what is built from them, the page, documents and examples, and nothing else", () => {
    const all = files(join(root, "src")),
      sources = all.filter((file) => !file.endsWith(".d.ts"))
        .map((file) => file.replace(/\.ts$/, ""))
    const kept = ["dashboard/app", "dashboard/dist", "docs/tutorials", "docs/how-to", "docs/explanation", "examples"]
    assert.deepStrictEqual(
      files(unpacked),
      [
        "CHANGELOG.md",
        "LICENSE",
        "README.md",
        "package.json",
        ...sources.flatMap((name) => ["d.ts", "d.ts.map", "js", "js.map"].map((kind) => `dist/${name}.${kind}`)),
        ...all.map((file) => `src/${file}`),
        ...kept.flatMap((folder) => files(join(root, folder)).map((file) => `${folder}/${file}`)),
        ...["LICENSE", "README.md", "tfjs-backend-wasm-simd.wasm", "tfjs-backend-wasm.wasm"].map((name) =>
          `wasm/${name}`
        )
      ].sort()
    )
  })

  it("has what its README leads to, but decisions, measurements and images", () => {
    const links = [...readFileSync(join(unpacked, "README.md"), "utf8").matchAll(/\]\(([^)#:]+)\)/g)].map(([, to]) =>
      to!
    )
    const lacking = links.filter((to) => !existsSync(join(unpacked, to)))
    assert.isNotEmpty(links)
    assert.deepStrictEqual(lacking.filter((to) => !/^docs\/(decisions|measurements|images)\//.test(to)), [])
  })

  it("has the modules of TensorFlow.js that it depends on", () => {
    for (const file of ["tfjs-backend-wasm-simd.wasm", "tfjs-backend-wasm.wasm"]) {
      const stock = readFileSync(join(root, "node_modules/@tensorflow/tfjs-backend-wasm/dist", file))
      assert.isTrue(stock.equals(readFileSync(join(unpacked, "wasm", file))), file)
    }
  })

  it("has maps that lead to its sources", () => {
    for (const map of files(unpacked).filter((file) => file.endsWith(".map"))) {
      const folder = dirname(join(unpacked, map))
      for (const source of readJson(join(unpacked, map)).sources) assert.isTrue(existsSync(join(folder, source)), map)
    }
  })

  it("has all that it exports", () => {
    const { bin, exports } = readJson(join(unpacked, "package.json"))
    for (const target of Object.values<string>({ ...exports, ...bin })) {
      assert.isTrue(existsSync(join(unpacked, target.replace("*", ""))), target)
    }
  })

  it("runs the example of the README", () => {
    const folder = project("readme")
    writeFileSync(join(folder, "example.ts"), readmeProgram())
    return run(folder, process.execPath, "example.ts")
  })

  it("trains in a worker thread", async () => {
    const folder = project("worker")
    cpSync(join(root, "examples", "worker.ts"), join(folder, "worker.ts"))
    assert.match(await run(folder, process.execPath, "worker.ts"), /: 0 1 1 0\nlayers .*; 0 tensors left\n$/)
  })

  it("gives the namespaces under their subpaths too, and the part for Node", async () => {
    const folder = project("subpaths")
    writeFileSync(join(folder, "subpaths.ts"), await subpaths())
    await run(folder, process.execPath, "subpaths.ts")
  })

  it("brings its command line, which says how it is called", async () => {
    const { bin, version } = readJson(join(unpacked, "package.json"))
    const main = join(unpacked, bin["effect-neuron"])
    assert.match(readFileSync(main, "utf8"), /^#!\/usr\/bin\/env node\n/)
    assert.include(await run(consumer, process.execPath, main, "--version"), version)
    const failed = run(consumer, process.execPath, main, "evaluate", "none").catch((error: Error) => error)
    assert.deepInclude((await failed as Error).cause, { code: 1 })
    assert.match((await failed as Error).message, /\nnone\/model\.safetensors: cannot be read: no such file\n$/)
    const help = await run(consumer, process.execPath, main, "gan", "train", "--help")
    assert.match(help, /^ {2}npx effect-neuron gan train --resume runs\/digits/m)
    assert.include(help, "The run of `npx effect-neuron train` whose model")
  })

  it("asks those who install it to run nothing", () => {
    // npm warns of each of these, and asks for leave.
    const { scripts } = readJson(join(unpacked, "package.json"))
    for (const name of ["preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"]) {
      assert.notProperty(scripts, name)
    }
  })
})
