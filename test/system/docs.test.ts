import { assert, describe, it } from "@effect/vitest"
import { Effect } from "effect"
import { Backend } from "effect-neuron"
import { execFile } from "node:child_process"
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { join, resolve } from "node:path"
import { pathToFileURL } from "node:url"
import { afterAll, beforeEach } from "vitest"
import { snippets, toModule, undocumented } from "../support/docs.ts"

// Inside the project, where packages and the tsconfig are found, and one for each run, since runs may overlap.
mkdirSync(".cache", { recursive: true })
const folder = mkdtempSync(join(".cache", "docs-"))
afterAll(() => rmSync(folder, { recursive: true }))

const load = (file: string): Promise<{ readonly [name: string]: unknown }> =>
  import(/* @vite-ignore */ pathToFileURL(resolve(file)).href)

const programs = snippets().map((snippet) => {
  const { runs, title } = snippet
  const file = join(folder, `${title.replace(/^src\//, "").replaceAll(/[^\w]+/g, ".")}.ts`)
  try {
    // What a page says is written to `runs/` goes to the folder of this run.
    writeFileSync(file, toModule(snippet).replaceAll(/(["`])runs\//g, `$1${folder}/runs/`))
    return { title, runs, file, problem: undefined }
  } catch (problem) {
    return { title, runs, file, problem }
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
// Runs beside the programs. What is wrong in the sources themselves is not for this test to say.
const compiled = new Promise<ReadonlyArray<string>>((done) =>
  execFile(process.execPath, [join("node_modules", "typescript", "bin", "tsc"), "-p", folder], (failure, out) => {
    const messages = failure !== null && out === "" ? [failure.message] : out.split("\n")
    done(messages.filter((line) => /^\S/.test(line) && !/^(src|test)\//.test(line)))
  })
)

describe("the documentation", () => {
  // A program may have changed the backend of the process.
  beforeEach(() => Effect.runPromise(Effect.provide(Effect.void, Backend.layerWasm)))

  for (const { file, problem, runs, title } of programs) {
    it(title, async () => {
      if (problem !== undefined) throw problem
      const { run } = await load(file)
      if (runs) await (run as () => Promise<void>)()
    })
  }

  it("compiles", async () => {
    assert.deepStrictEqual((await compiled).map((line) => line.replace(`${folder}/`, "")), [])
  })

  it("shows the page that trains in a worker as it is", () => {
    const guide = readFileSync("docs/how-to/train-in-a-worker.md", "utf8")
    for (const name of ["xor.ts", "worker.ts", "page.ts"]) {
      assert.include(guide, readFileSync(`examples/page/${name}`, "utf8"), name)
    }
  })

  it("has an example for every public function and constant", async () => {
    const missing = await Promise.all(
      ["index.ts", "browser.ts", "node.ts", "remote/index.ts", "remote/browser.ts", "remote/node.ts"].map((file) =>
        `src/${file}`
      )
        .filter(existsSync).map(async (file) => undocumented(file, await load(file)))
    )
    assert.deepStrictEqual(missing.flat(), [])
  })
})

describe("toModule", () => {
  const body = (...lines: ReadonlyArray<string>): ReadonlyArray<string> =>
    toModule({ title: "sample", code: lines.join("\n"), runs: true }).split("\n").slice(2, -2)

  it("turns expectations into assertions", () => {
    assert.deepStrictEqual(body("f(1) // => 2"), ["$check.equals(f(1), 2)"])
    assert.deepStrictEqual(body("const x = f(1) // => 2"), ["const x = f(1)", "$check.equals(x, 2)"])
    assert.deepStrictEqual(body("await f(", "  1", ")", "// => [", "//      2", "//    ]"), [
      "$check.equals(await f(",
      "  1",
      "), [",
      "2",
      "])"
    ])
    assert.deepStrictEqual(body("f(0) // throws RangeError: no \"0\""), [
      "await $check.throws(async () => (f(0)), \"RangeError: no \\\"0\\\"\")"
    ])
    assert.deepStrictEqual(body("run(() => {", "  f(1) // => 2", "}) // => 3"), [
      "$check.equals(run(() => {",
      "  $check.equals(f(1), 2)",
      "}), 3)"
    ])
  })

  it("leaves everything else as it is", () => {
    assert.deepStrictEqual(body("const x = 1 // one", "// a remark", "f(x)"), [
      "const x = 1 // one",
      "// a remark",
      "f(x)"
    ])
  })

  it("refuses an expectation of nothing", () => {
    assert.throws(() => body("const { a } = f() // => 2"), "sample: an expectation belongs to no expression")
    assert.throws(() => body("f(g(1), // => 2", "  2)"), "sample: an expectation belongs to no expression")
    assert.throws(() => body("const x ="))
  })
})
