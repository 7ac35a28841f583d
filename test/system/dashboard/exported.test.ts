import { Effect } from "effect"
import { mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { afterAll, assert, describe, it } from "vitest"
import { chromium } from "../../support/chromium.ts"
import { runHere } from "../../support/cli.ts"
import { reason, sharedDashboard, until } from "../../support/dashboardPage.ts"
import { fileOf, sums } from "../../support/ownExperiments.ts"
import { accuracy, asked, opened, runIn } from "../../support/runFolders.ts"

describe.skipIf(chromium === undefined)(`a run of the page${reason}`, () => {
  const { visit } = sharedDashboard()
  const blank = Array.from({ length: 28 }, () => Array.from({ length: 28 }, () => [0]))

  it("on another backend than the command line has is exported as what evaluate and predict take", () =>
    visit(async ({ open, runs }) => {
      const tab = await open(), { name, page, phase, press, weights } = tab
      await phase("running")
      await page.getByRole("spinbutton", { name: "Examples" }).fill("640")
      await page.getByLabel("Epochs").fill("1")
      await page.getByLabel("Backend").selectOption("wasm, 2 threads")
      await press("Start a new run")
      await until(async () => (await name()).startsWith("2 "))
      await phase("finished")
      const { bytes, file } = await weights(), path = join(runs, file)
      assert.strictEqual(file, "digits-step-19.safetensors")
      writeFileSync(path, bytes)
      const evaluated = await asked("evaluate", path)
      assert.deepInclude(evaluated, { checkpoint: path, experiment: "digits", step: 19 })
      assert.closeTo(await accuracy(tab, evaluated.size), evaluated.accuracy, 3.5 / evaluated.size)
      writeFileSync(join(runs, "images.jsonl"), JSON.stringify(blank))
      assert.lengthOf((await asked("predict", path, join(runs, "images.jsonl"))).probabilities, 10)
      const on = await Effect.runPromise(
        runHere("train", "--resume", path, "--out", join(runs, "on"), "--epochs", "2")
      )
      assert.isTrue(on.ok, on.err.join())
      assert.deepInclude(runIn(join(runs, "on")), { step: 38, resumedFrom: 19, state: "tested" })
    }))
})

describe.skipIf(chromium === undefined)(`a run of an experiment of one's own${reason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "own-")), file = join(folder, "both.ts")
  const both = "export const { small, sums } = { sums: made, small: { ...made, name: \"small\" } }"
  writeFileSync(file, fileOf(sums("sums").replace("export const sums", "const made"), both))
  const { visit } = sharedDashboard([file])
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  it("is opened where the dashboard was started with its file, and goes back to the command line", () =>
    visit(async ({ open, runs }) => {
      const trained = await Effect.runPromise(runHere("train", `${file}#small`, "--out", join(runs, "mine")))
      assert.isTrue(trained.ok, trained.err.join())
      const tab = await open(), { phase, settled, weights } = tab
      await phase("finished")
      await opened(tab, "mine")
      await phase("finished")
      assert.strictEqual(await settled(), 12)
      const { bytes } = await weights(), evaluated = await asked("evaluate", join(runs, "mine"))
      const elsewhere = join(runs, "export.safetensors"), beside = join(folder, "export.safetensors")
      for (const path of [elsewhere, beside]) writeFileSync(path, bytes)
      assert.deepInclude(await asked("evaluate", beside), { experiment: "small", step: 12, loss: evaluated.loss })
      const named = await asked("evaluate", elsewhere, "--experiment", `${file}#small`)
      assert.deepInclude(named, { experiment: "small", loss: evaluated.loss })
      const { err, ok } = await Effect.runPromise(runHere("evaluate", elsewhere))
      assert.isFalse(ok)
      assert.match(
        err.join(),
        /both\.ts#small: expected an experiment, .* found neither; give its file by --experiment/
      )
      const rows = join(folder, "rows.jsonl")
      writeFileSync(rows, "[2,1]\n")
      const predict = (path: string) => asked("predict", path, rows, "--experiment", `${file}#small`)
      assert.deepStrictEqual((await predict(elsewhere)).prediction, (await predict(join(runs, "mine"))).prediction)
    }))
})
