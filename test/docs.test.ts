import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Backend } from "effect-neuron"
import { execFile } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, beforeEach } from "vitest"
import { snippets, toModule, undocumented } from "./support/docs.ts"

// Inside the project, where packages and the tsconfig are found, and one for each run, since runs may overlap.
mkdirSync(".cache", { recursive: true })
const folder = mkdtempSync(join(".cache", "docs-"))
afterAll(() => rmSync(folder, { recursive: true }))

const load = (file: string): Promise<{ readonly [name: string]: unknown }> =>
  import(/* @vite-ignore */ pathToFileURL(resolve(file)).href)

const check = {
  equals: (actual: unknown, expected: unknown) => assert.deepStrictEqual(actual, expected),
  throws: async (program: () => Promise<unknown>, expected: string) => {
    const error = await program().then(() => "nothing", (error: unknown) => error)
    assert.strictEqual(error instanceof Error ? `${error.name}: ${error.message}` : error, expected)
  }
}

const programs = snippets().map((snippet) => {
  const file = join(folder, `${snippet.title.replace(/^src\//, "").replaceAll(/[^\w]+/g, ".")}.ts`)
  try {
    writeFileSync(file, toModule(snippet))
    return { ...snippet, file }
  } catch (problem) {
    return { ...snippet, file, problem }
  }
})

writeFileSync(
  join(folder, "tsconfig.json"),
  JSON.stringify({
    extends: "../../tsconfig.json",
    compilerOptions: { noUnusedLocals: false, noUnusedParameters: false },
    include: ["*.ts"]
  })
)
// Runs beside the programs.
const compiled = new Promise<string>((done) =>
  execFile(process.execPath, [join("node_modules", "typescript", "bin", "tsc"), "-p", folder], (_, out) => done(out))
)

describe("the documentation", () => {
  // A program may have changed the backend of the process.
  beforeEach(() => Effect.runPromise(Effect.provide(Effect.void, Backend.layerWasm)))

  for (const program of programs.filter(({ runs }) => runs)) {
    it(program.title, async () => {
      if ("problem" in program) throw program.problem
      const { run } = await load(program.file)
      await (run as (c: typeof check) => Promise<void>)(check)
    })
  }

  it("compiles", async () => {
    const problems = (await compiled).split("\n").filter((line) => line.startsWith(folder))
    assert.deepStrictEqual(problems.map((line) => line.slice(folder.length + 1)), [])
  })

  it("has an example for every public function and constant", async () => {
    const missing = await Promise.all(
      ["src/index.ts", "src/node.ts"].filter(existsSync).map(async (file) => undocumented(file, await load(file)))
    )
    assert.deepStrictEqual(missing.flat(), [])
  })
})
