import { assert, describe, it } from "@effect/vitest"
import { spawnSync } from "node:child_process"
import { readdirSync, readFileSync } from "node:fs"
import { fileURLToPath } from "node:url"

const root = fileURLToPath(new URL("../..", import.meta.url)), folder = `${root}test/types/`

/** What the compiler says of each file: its messages, those below them without their indentation. */
const messages = (): ReadonlyMap<string, string> => {
  const { stdout } = spawnSync(`${root}node_modules/.bin/tsc`, ["-p", folder, "--pretty", "false"], {
    cwd: root,
    encoding: "utf8"
  })
  const byFile = new Map<string, string>()
  let file = ""
  for (const line of stdout.split("\n")) {
    file = /^(\S+)\(\d+,\d+\): error/.exec(line)?.[1] ?? file
    byFile.set(file, `${byFile.get(file) ?? ""}${line.trim()}\n`)
  }
  return byFile
}

describe("types", () => {
  it("of right programs are found, and wrong ones are refused with the line that they name", () => {
    const said = messages()
    for (const name of readdirSync(`${folder}pass`)) {
      assert.isUndefined(said.get(`test/types/pass/${name}`), name)
    }
    for (const name of readdirSync(`${folder}fail`)) {
      const expected = /^\/\/ error: (.*)$/m.exec(readFileSync(`${folder}fail/${name}`, "utf8"))![1]!
      const lines = (said.get(`test/types/fail/${name}`) ?? "").trim().split("\n")
      assert.include(lines.at(-1), expected, name)
    }
    const elsewhere = [...said.keys()].filter((file) => file !== "" && !file.startsWith("test/types/fail/"))
    assert.deepStrictEqual(elsewhere, [])
  })
})
