import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, layer } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { readFileSync } from "node:fs"
import { runHere } from "../../support/cli.ts"
import { fileOf, sums } from "../../support/ownExperiments.ts"

const json = (path: string) => JSON.parse(readFileSync(path, "utf8"))

/** A folder with files of experiments in it, each of a name of its own, for a module is loaded once. */
const folderWith = (files: { readonly [name: string]: string }) =>
  Effect.gen(function*() {
    const system = yield* FileSystem.FileSystem, path = yield* system.makeTempDirectoryScoped()
    for (const [name, text] of Object.entries(files)) yield* system.writeFileString(`${path}/${name}`, text)
    return path
  })

layer(NodeServices.layer, { excludeTestServices: true })("an experiment of one's own", (it) => {
  it.effect("is trained, evaluated, gone on with and reported by its file", () =>
    Effect.gen(function*() {
      const path = yield* folderWith({ "sums.ts": fileOf(sums("sums")) }), run = `${path}/runs/a`
      const trained = yield* runHere("train", `${path}/sums.ts`, "--hidden", "6", "--out", run)
      assert.isTrue(trained.ok, trained.err.join())
      const said = json(`${run}/run.json`)
      assert.deepInclude(said, { experiment: "sums", state: "tested", step: 12, steps: 12, file: "../../sums.ts" })
      assert.deepInclude(said.config, { epochs: 3, hidden: 6, kind: "relu", biased: true })
      const evaluated = yield* runHere("evaluate", run, "--json")
      assert.deepInclude(JSON.parse(evaluated.out[0]!), { experiment: "sums", step: 12, ...said.results.test })
      const validated = yield* runHere("evaluate", run, "--split", "validation", "--json")
      assert.deepInclude(JSON.parse(validated.out[0]!), { split: "validation", ...said.results.validation })
      const resumed = yield* runHere("train", "--resume", run, "--epochs", "5")
      assert.isTrue(resumed.ok, resumed.err.join())
      assert.deepInclude(json(`${run}/run.json`), { step: 20, resumedFrom: 12 })
      assert.match((yield* runHere("report", run)).out[0]!, /report\.html: the run, and a test of /)
    }))
})
