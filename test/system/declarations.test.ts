import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, symlinkSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url)), modules = join(root, "node_modules")
const compilers = { "TypeScript 7": "typescript", "TypeScript 5.9": "typescript-5.9" }

const tsc = (compiler: string, directory: string, ...options: ReadonlyArray<string>): string => {
  const [command, ...first] = compiler === "typescript"
    ? [join(modules, ".bin/tsc")]
    : [process.execPath, join(modules, compiler, "bin/tsc")]
  const { stderr, stdout } = spawnSync(command!, [...first, ...options], { cwd: directory, encoding: "utf8" })
  return stdout + stderr
}

/** A package beside the built library, with the programs that must compile in it. */
const consumer = (): string => {
  const directory = mkdtempSync(join(tmpdir(), "effect-neuron-types-")), own = join(directory, "node_modules")
  const installed = join(own, "effect-neuron")
  mkdirSync(installed, { recursive: true })
  assert.strictEqual(tsc("typescript", root, "-p", "tsconfig.build.json", "--outDir", join(installed, "dist")), "")
  cpSync(join(root, "package.json"), join(installed, "package.json"))
  for (const name of ["effect", "@tensorflow", "@effect", "@types", "@webgpu"]) {
    if (existsSync(join(modules, name))) symlinkSync(join(modules, name), join(own, name))
  }
  for (const name of readdirSync(join(root, "test/types/pass"))) {
    cpSync(join(root, "test/types/pass", name), join(directory, name))
  }
  const compilerOptions = {
    target: "ES2022",
    lib: ["ES2024", "DOM", "DOM.Iterable", "DOM.AsyncIterable", "ESNext.Disposable"],
    module: "NodeNext",
    strict: true,
    exactOptionalPropertyTypes: true,
    declaration: true,
    rootDir: ".",
    outDir: "out",
    skipLibCheck: true,
    types: []
  }
  writeFileSync(join(directory, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["*.ts"] }))
  // What was written has to be understood again: that its imports resolve.
  const again = { ...compilerOptions, noEmit: true, declaration: false, rootDir: ".." }
  mkdirSync(join(directory, "out"))
  writeFileSync(
    join(directory, "out/tsconfig.json"),
    JSON.stringify({ compilerOptions: again, include: ["use.ts"] })
  )
  writeFileSync(
    join(directory, "out/use.ts"),
    `import { two } from "./composition.js"\nexport const name: string = two.name\nexport const wrong: number = two.name\n`
  )
  writeFileSync(join(directory, "package.json"), JSON.stringify({ type: "module" }))
  return directory
}

describe("declarations", () => {
  for (const [name, compiler] of Object.entries(compilers)) {
    it.skipIf(!existsSync(join(modules, compiler)))(`of models in another package can be written, by ${name}`, () => {
      const directory = consumer()
      assert.strictEqual(tsc(compiler, directory, "-p", "."), "")
      const said = tsc(compiler, join(directory, "out"), "-p", ".", "--pretty", "false").trim()
      assert.strictEqual(said, "use.ts(3,14): error TS2322: Type 'string' is not assignable to type 'number'.")
    })
  }
})
