import { assert, describe, it } from "vitest"
import { chromium } from "../../support/chromium.ts"
import { reason, sharedDashboard, until } from "../../support/dashboardPage.ts"

/** A text of one's own, and of no other characters. */
const TEXT = "the cat sat on the mat and the dog sat on the cat. ".repeat(120)

const small = { Layers: "1", Features: "16", Heads: "2", Time: "16", Examples: "200", "Batch size": "4" }

describe.skipIf(chromium === undefined)(`language models in the dashboard${reason}`, () => {
  const { visit } = sharedDashboard()

  it("learn a text that was pasted, and go on with what is written", () =>
    visit(async ({ audit, open, problems }) => {
      const tab = await open(), { page, phase, press, view } = tab
      await phase("running")
      await page.getByLabel("Experiment", { exact: true }).selectOption("gpt")
      const field = page.getByRole("textbox", { name: "Text", exact: true })
      await field.fill("too short")
      await field.blur()
      await page.getByText("This has to be a text of at least 1,000 characters.").waitFor()
      await field.fill(TEXT)
      await field.blur()
      await page.getByText("6,120 characters, kept in this browser").waitFor()
      for (const [name, value] of Object.entries(small)) await page.getByLabel(name, { exact: true }).fill(value)
      await press("Start a new run")
      await page.locator(".runbar .name", { hasText: /^2 gpt, pasted-[0-9a-f]{8}\.txt/ }).waitFor()
      await phase("running")
      await view("Try it")
      const sample = page.getByTestId("sample")
      await until(async () => (await sample.innerText()).length > 100)
      const beginning = page.getByLabel("A beginning"), written = page.getByTestId("written")
      await beginning.fill("the dog sat")
      await press("Go on")
      await until(async () => (await written.innerText()).length >= "the dog sat".length + 200)
      assert.isTrue((await written.innerText()).startsWith("the dog sat"))
      // There are no other characters than those of the text.
      assert.match((await written.innerText()).replaceAll("\n", " "), /^[a-z. ]+$/)
      await press("More")
      await until(async () => (await written.innerText()).length >= "the dog sat".length + 400)
      await beginning.fill("Zebra")
      await press("Go on")
      await until(async () => /Z/.test(await page.locator(".writing .problem").innerText()))
      await beginning.fill("the cat")
      const heads = page.locator(".head canvas")
      await until(async () => await heads.count() === 2)
      await page.getByRole("button", { name: "block 1, head 2" }).click()
      await page.locator(".tokens span").first().click()
      // The first token sees nothing but itself.
      await until(async () => (await page.locator(".tokens .asked").innerText()) === "t")
      await until(async () => await page.locator(".next .bars tbody tr").count() === 8)
      assert.deepStrictEqual(await audit(tab), [])
      await page.setViewportSize({ width: 390, height: 844 })
      assert.isAtMost(await page.evaluate(() => document.documentElement.scrollWidth), 390)
      assert.deepStrictEqual(problems, [])
    }), 240_000)
})
