import { assert, describe, inject, it } from "@effect/vitest"
import { execFile } from "node:child_process"
import { cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { readmeProgram, subpaths } from "./programs.ts"

const root = fileURLToPath(new URL("../../..", import.meta.url)), programs = join(root, "test/types")
const consumer = inject("consumer")

const compilers = [["TypeScript 7", "typescript", "error"], [
  "TypeScript 5.9",
  "typescript-5.9",
  "error in 5.9"
]] as const

const options = {
  target: "ES2022",
  lib: ["ES2024", "DOM", "DOM.Iterable", "DOM.AsyncIterable", "ESNext.Disposable"],
  module: "NodeNext",
  strict: true,
  exactOptionalPropertyTypes: true
}

interface Project {
  readonly compilerOptions: object
  readonly include: ReadonlyArray<string>
  readonly references?: ReadonlyArray<{ readonly path: string }>
}

/**
 * What a compiler says of each file of projects below a folder, the lines below a message without their indentation.
 */
const compile = (compiler: string, folder: string, projects: { readonly [path: string]: Project }) =>
  new Promise<ReadonlyMap<string, string>>((resolve) => {
    for (const [path, project] of Object.entries(projects)) {
      writeFileSync(join(folder, path, "tsconfig.json"), JSON.stringify(project))
    }
    // One process reads what the projects have in common once.
    const tsc = [join(root, "node_modules", compiler, "bin/tsc"), "--build", ...Object.keys(projects)]
    // Fails when it finds errors, and says them on its output.
    execFile(process.execPath, [...tsc, "--pretty", "false"], { cwd: folder, maxBuffer: 1 << 26 }, (_, out, err) => {
      const said = new Map<string, string>()
      let file = ""
      for (const line of `${out}${err}`.split("\n")) {
        file = /^(\S+?)\(\d+,\d+\): error/.exec(line)?.[1] ?? file
        said.set(file, `${said.get(file) ?? ""}${line.trim()}\n`)
      }
      said.delete("")
      resolve(said)
    })
  })

/** The line that an error has to contain: a comment at the head of the program. */
const expected = (name: string): string =>
  /^\/\/ error: (.*)$/m.exec(readFileSync(join(programs, "fail", name), "utf8"))![1]!

// What was written has to be understood again, with nothing of it lost: each name below is no number.
const names = {
  composition: ["two", "chain", "branches", "records", "positions", "sixty", "step"],
  graph: ["skip"],
  nested: ["around", "first", "branches", "inner"],
  remote: ["client", "line", "predicted", "worker"],
  training: ["init", "step", "trainer", "gradients", "trained", "noisy", "adversaries", "generating"]
}
const use = [
  ...Object.keys(names).map((file) => `import * as ${file} from "../out/pass/${file}.js"`),
  ...Object.entries(names).flatMap(([file, all]) => all.map((name) => `{ const _: number = ${file}.${name} }`)),
  `export const name: string = composition.two.name`
].join("\n")

describe("the types of the package", () => {
  for (const [title, compiler] of compilers) {
    it(`take right programs, refuse wrong ones by the line that they name, and can be written, by ${title}`, async () => {
      const folder = join(consumer, compiler), every = await subpaths()
      for (const part of ["pass", "fail"]) cpSync(join(programs, part), join(folder, part), { recursive: true })
      for (const part of ["written", "bundled"]) mkdirSync(join(folder, part))
      writeFileSync(join(folder, "readme.ts"), readmeProgram())
      writeFileSync(join(folder, "subpaths.ts"), every)
      cpSync(join(root, "examples", "worker.ts"), join(folder, "worker.ts"))
      writeFileSync(join(folder, "package.json"), JSON.stringify({ type: "module" }))
      writeFileSync(join(folder, "written/use.ts"), use)
      writeFileSync(join(folder, "bundled/subpaths.ts"), every)

      // Who skips the check of libraries has `any` for what a declaration fails to import; TypeScript 7 is fast enough
      // to look.
      const skipLibCheck = compiler !== "typescript"
      const bundler = { module: "ESNext", moduleResolution: "Bundler", types: [] }
      const said = await compile(compiler, folder, {
        ".": {
          compilerOptions: { ...options, skipLibCheck, rootDir: ".", outDir: "out", composite: true },
          include: ["*.ts", "pass", "fail"]
        },
        written: {
          compilerOptions: { ...options, noEmit: true, skipLibCheck: true },
          include: ["use.ts"],
          references: [{ path: ".." }]
        },
        bundled: {
          compilerOptions: { ...options, ...bundler, noEmit: true, skipLibCheck: true },
          include: ["subpaths.ts"]
        }
      })
      for (const name of readdirSync(join(programs, "fail"))) {
        assert.include((said.get(`fail/${name}`) ?? "").trim().split("\n").at(-1), expected(name), name)
      }
      // The declarations of TensorFlow.js do not pass TypeScript 7: they describe WebGPU as it was, beside the
      // compiler's own.
      const foreign = /(?:^|\/)node_modules\/@(?:tensorflow|typescript|webgpu)\//
      assert.deepStrictEqual(
        [...said.keys()].filter((file) => !file.startsWith("fail/") && !foreign.test(file)),
        ["written/use.ts"]
      )
      assert.deepStrictEqual(
        said.get("written/use.ts")!.trim().split("\n")
          .map((line) => /^written\/use\.ts\((\d+),.* is not assignable to type 'number'/.exec(line)?.[1])
          .filter((line) => line !== undefined),
        Object.values(names).flat().map((_, i) => String(i + 1 + Object.keys(names).length))
      )
    })
  }
})
