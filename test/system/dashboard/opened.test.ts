import { Effect } from "effect"
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { assert, describe, it } from "vitest"
import { chromium } from "../../support/chromium.ts"
import { interruptAt, runHere } from "../../support/cli.ts"
import { reason, sharedDashboard, until } from "../../support/dashboardPage.ts"
import type { Hands } from "../../support/dashboardPage.ts"
import { accuracy, asked, opened, opener, runIn } from "../../support/runFolders.ts"

/** The runs and the checkpoints that the browser keeps. */
const counts = ({ page }: Hands) =>
  page.evaluate(async () => {
    const request = indexedDB.open("effect-neuron dashboard")
    await new Promise((resolve) => request.addEventListener("success", resolve))
    const count = (store: string) =>
      new Promise<number>((resolve) => {
        const counted = request.result.transaction(store).objectStore(store).count()
        counted.addEventListener("success", () => resolve(counted.result))
      })
    const found = [await count("runs"), await count("checkpoints")]
    request.result.close()
    return found
  })

describe.skipIf(chromium === undefined)(`run folders that are opened in a page${reason}`, () => {
  const { visit } = sharedDashboard()

  it("go on there: their curves, network, answers and mistakes are there, and what is exported is evaluated", () =>
    visit(async ({ audit, open, runs }) => {
      const folder = join(runs, "by-hand"), digits = ["--model", "small-mlp", "--examples", "2000", "--epochs", "40"]
      await Effect.runPromise(interruptAt(/"step":180\b/, "train", "digits", ...digits, "--out", folder, "--json"))
      const { config, state, step } = runIn(folder)
      assert.deepStrictEqual([state, config.epochs], ["stopped", 40])
      const tab = await open(), { kept, number, page, phase, press, settled, view, weights } = tab
      await phase("running")
      await opened(tab, "by-hand")
      await phase("paused")
      assert.deepStrictEqual([await settled(), await kept()], [step, step])
      const note = `begun at step ${step} of the run folder by-hand`
      assert.include(await page.locator(".runbar").innerText(), note)
      await page.reload()
      await phase("paused")
      assert.deepStrictEqual([await settled(), await kept()], [step, step])

      await view("Training")
      await page.getByLabel("as a table").check()
      const curves = page.locator("table tr").filter({ has: page.getByRole("rowheader", { name: "by-hand" }) }).first()
      await until(async () => (await curves.innerText()).includes(`\t${step}\t`))
      await view("Try it")
      await page.locator(".best").waitFor()
      await view("Network")
      await until(async () => await page.locator("canvas.network").getAttribute("data-transform") !== null)
      await view("Summary")
      await page.getByRole("row").filter({ has: page.getByRole("rowheader", { name: "hidden1" }) }).waitFor()
      const evaluated = await asked("evaluate", folder), { size } = evaluated
      assert.strictEqual(evaluated.step, step)
      // Engines round sums of many products as their processor does.
      assert.closeTo(await accuracy(tab, size), evaluated.accuracy, 1.5 / size)

      const same = await weights()
      assert.deepStrictEqual(same.bytes, new Uint8Array(readFileSync(join(folder, "model.safetensors"))))
      await press("Continue")
      await until(async () => await number("step") > step + 20)
      await press("Pause")
      await phase("paused")
      const later = await settled(), exported = join(mkdtempSync(join(tmpdir(), "exported-")), "later.safetensors")
      writeFileSync(exported, (await weights()).bytes)
      const again = await asked("evaluate", exported)
      assert.deepStrictEqual([again.step, again.experiment], [later, "digits"])
      await until(async () => Math.abs(await accuracy(tab, size) - again.accuracy) < 1.5 / size)
      assert.deepStrictEqual([runIn(folder).step, runIn(folder).state], [step, "stopped"])

      await opened(tab, "by-hand", true)
      await phase("paused")
      const best = runIn(folder).results.best.step
      assert.strictEqual(await settled(), best)
      assert.include(
        await page.locator(".runbar").innerText(),
        `best weights of the run folder by-hand, of step ${best}`
      )
      await view("Runs")
      assert.deepStrictEqual(await audit(tab), [])
      rmSync(exported)
    }))

  it("are generators too, which draw what they have learned and learn on", () =>
    visit(async ({ audit, open, runs }) => {
      const folder = join(runs, "drawn"), small = ["--model", "mlp", "--examples", "200", "--batch-size", "20"]
      const args = ["gan", "train", "--dataset", "digits", ...small, "--steps", "400", "--out", folder]
      await Effect.runPromise(interruptAt(/step 20\/400/, ...args))
      const tab = await open(), { number, page, phase, press, settled, view, weights } = tab
      await phase("running")
      await opened(tab, "drawn")
      await phase("paused")
      const { step } = runIn(folder)
      assert.strictEqual(await settled(), step)
      await view("Training")
      await page.getByRole("heading", { name: "Critic loss" }).waitFor()
      await view("Try it")
      await page.getByRole("img", { name: "the generated" }).waitFor()
      await view("Network")
      await page.getByRole("combobox", { name: "layer", exact: true }).selectOption({ label: "critic hidden1" })
      assert.deepStrictEqual(await audit(tab), [])
      await press("Continue")
      await until(async () => await number("step") > step)
      await press("Pause")
      await phase("paused")
      const after = await settled(), path = mkdtempSync(join(tmpdir(), "exported-"))
      writeFileSync(join(path, "drawn.safetensors"), (await weights()).bytes)
      const judged = await asked("evaluate", join(path, "drawn.safetensors"), "--split", "validation")
      assert.deepInclude(judged, { step: after, experiment: "generator" })
      assert.isAbove(judged.slicedWasserstein, 0)
      rmSync(path, { recursive: true })
    }))

  it("have come to their end where their configuration says, and are looked at then", () =>
    visit(async (person) => {
      const { open, runs } = person
      const digits = ["--model", "small-mlp", "--examples", "100", "--epochs", "2", "--out", join(runs, "over")]
      assert.isTrue((await Effect.runPromise(runHere("train", "digits", ...digits))).ok)
      // Where nothing else is known of it, there is what its weights say.
      rmSync(join(runs, "over", "metrics.jsonl"))
      const tab = await open(), { button, page, phase, settled, view } = tab
      await phase("running")
      await opened(tab, "over")
      await phase("finished")
      assert.strictEqual(await settled(), runIn(join(runs, "over")).step)
      assert.isFalse(await button("Continue").isEnabled())
      await view("Try it")
      await page.locator(".best").waitFor()
      // What is not there stands in the console.
      person.problems.splice(0)
    }))

  it("end where their patience ends them, which counts the validations that there were", () =>
    visit(async ({ open, runs }) => {
      const folder = join(runs, "patient"), digits = ["--model", "small-mlp", "--examples", "200", "--patience", "3"]
      const { err, ok } = await Effect.runPromise(
        runHere("train", "digits", ...digits, "--epochs", "3", "--out", folder)
      )
      assert.isTrue(ok, err.join())
      // As if the first epoch had been better than any can be, and there were more to come.
      const lines = readFileSync(join(folder, "metrics.jsonl"), "utf8").split("\n")
      const first = lines.findIndex((line) => line.includes("validation"))
      lines[first] = JSON.stringify({ ...JSON.parse(lines[first]!), loss: 1e-9 })
      writeFileSync(join(folder, "metrics.jsonl"), lines.join("\n"))
      const run = runIn(folder)
      writeFileSync(join(folder, "run.json"), JSON.stringify({ ...run, config: { ...run.config, epochs: 50 } }))
      const tab = await open(), { phase, press, settled } = tab
      await phase("running")
      await opened(tab, "patient")
      await phase("paused")
      await press("Continue")
      await phase("finished")
      assert.strictEqual(await settled(), 4 * run.stepsPerEpoch)
    }))

  it("are refused in a sentence where that cannot be, and nothing is begun or kept", () =>
    visit(async (person) => {
      const { audit, context, open, runs, url } = person
      const digits = ["--model", "small-mlp", "--examples", "100", "--epochs", "1", "--out", join(runs, "whole")]
      assert.isTrue((await Effect.runPromise(runHere("train", "digits", ...digits))).ok)
      const like = (name: string, change: object) => {
        cpSync(join(runs, "whole"), join(runs, name), { recursive: true })
        writeFileSync(join(runs, name, "run.json"), JSON.stringify({ ...runIn(join(runs, "whole")), ...change }))
      }
      const { config } = runIn(join(runs, "whole"))
      like("of-a-file", { experiment: "prices", file: "../../prices.ts#small" })
      like("of-its-own-digits", { file: "../mine.ts" })
      like("of-a-program", { experiment: "line" })
      like("of-mnist", { experiment: "mnist" })
      like("other", { config: { ...config, model: "mlp" } })
      like("wrong", { config: { ...config, model: "rnn" } })
      like("removed", {})
      like("cut", {})
      writeFileSync(join(runs, "cut", "model.safetensors"), "weights")
      mkdirSync(join(runs, "earlier"))
      cpSync(join(runs, "whole", "model.safetensors"), join(runs, "earlier", "model.safetensors"))
      const summary = { status: "finished", step: 9, versions: {}, config: { dataset: "digits" } }
      writeFileSync(join(runs, "earlier", "summary.json"), JSON.stringify(summary))

      const tab = await open(), { name, page, phase, press, view } = tab
      await phase("running")
      await press("Pause")
      await phase("paused")
      const before = await name(), kept = await counts(tab)
      assert.deepStrictEqual(kept, [1, 1])
      await view("Runs")
      const alert = page.getByRole("alert")
      const refuses = async (folder: string, expected: RegExp) => {
        await opener(tab, folder).click()
        await until(async () => await alert.count() === 1 && expected.test(await alert.innerText()))
        await until(async () => await page.locator("[aria-busy=true]").count() === 0)
        assert.deepStrictEqual([await name(), await counts(tab)], [before, kept])
        await page.getByTestId("phase").filter({ hasText: "paused" }).waitFor()
      }
      const known: ReadonlyArray<readonly [string, RegExp]> = [
        ["of-a-file", /Its experiment is in prices\.ts, and the dashboard was not started with that file\.$/],
        ["of-its-own-digits", /Its experiment is in mine\.ts, and the dashboard/],
        ["of-a-program", /not started with a file that exports its experiment, line\.$/],
        ["of-mnist", /It takes MNIST, which is not on the machine of the dashboard/],
        ["earlier", /Version 0\.1\.0 has trained it/]
      ]
      for (const [folder, expected] of known) {
        const button = opener(tab, folder)
        assert.isTrue(await button.isDisabled(), folder)
        assert.match((await button.getAttribute("aria-description"))!, expected)
        assert.strictEqual(await button.getAttribute("title"), await button.getAttribute("aria-description"))
        await button.focus()
        await page.keyboard.press("Enter")
        await alert.filter({ hasText: folder }).waitFor()
        assert.match(await alert.innerText(), expected)
      }
      assert.deepStrictEqual([await name(), await counts(tab)], [before, kept])
      assert.deepStrictEqual(await audit(tab), [])

      await refuses("other", /^other cannot be opened: its weights: params\.hidden1?\..* expects float32/)
      await refuses("wrong", /^wrong cannot be opened: configuration of digits, model: expected one of /)
      await refuses("cut", /^cut cannot be opened: its weights: expected a header/)
      // The page does not hear of it before it asks for the list again.
      const body = await (await page.request.get(`${url}/api/runs`)).text()
      await context.route("**/api/runs", (route) => route.fulfill({ body, contentType: "application/json" }))
      rmSync(join(runs, "removed"), { recursive: true })
      await refuses("removed", /^removed cannot be opened: its model\.safetensors is no longer there$/)
      await context.route("**/model.safetensors", (route) => route.abort())
      await refuses("whole", /^whole cannot be opened: the server of the dashboard does not answer$/)
      await context.unroute("**/model.safetensors")
      await context.route("**/metrics?*", (route) => route.fulfill({ status: 500 }))
      await refuses("whole", /^whole cannot be opened: the server of the dashboard answers 500$/)
      // What the server refuses stands in the console too.
      person.problems.splice(0)
      await context.unroute("**/metrics?*")
      await opened(tab, "whole")
      await phase("finished")
    }))
})
