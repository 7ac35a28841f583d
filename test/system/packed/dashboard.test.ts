import { spawn } from "node:child_process"
import { mkdtempSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { chromium as playwright } from "playwright"
import { afterAll, assert, describe, inject, it } from "vitest"
import { chromium, chromiumArguments } from "../../support/chromium.ts"
import { handsOn, reason, until } from "../../support/dashboardPage.ts"
import { run } from "../../support/run.ts"

const consumer = inject("consumer"), main = join(consumer, "node_modules", "effect-neuron", "dist", "cli", "main.js")

describe("the page of the package", () => {
  const runs = mkdtempSync(join(tmpdir(), "runs-")), ends: Array<() => unknown> = []
  afterAll(async () => {
    for (const end of ends.toReversed()) await end()
    rmSync(runs, { recursive: true, force: true })
  })

  /** What the command prints as its address. */
  const serve = (cwd: string): Promise<string> => {
    const options = ["--port", "0", "--runs", runs, "--no-open"]
    const child = spawn(process.execPath, [main, "dashboard", "experiment.ts", ...options], { cwd })
    ends.push(() => child.exitCode ?? new Promise((resolve) => child.on("exit", resolve) && child.kill()))
    return new Promise((resolve, reject) => {
      let said = ""
      const hear = (part: Buffer) => {
        said += String(part)
        const found = /dashboard: (\S+)/.exec(said)
        if (found !== null) resolve(found[1]!)
      }
      child.stdout.on("data", hear)
      child.stderr.on("data", hear)
      child.once("exit", () => reject(new Error(said)))
    })
  }

  it.skipIf(chromium === undefined)(`trains what init has written, and answers${reason}`, async () => {
    await run(consumer, process.execPath, main, "init", "shown")
    const url = await serve(join(consumer, "shown"))
    const browser = await playwright.launch({ executablePath: chromium!, args: chromiumArguments })
    ends.push(() => browser.close())
    const { name, number, page, view } = handsOn(await browser.newPage())
    const problems: Array<string> = []
    page.setDefaultTimeout(90_000)
    page.on("pageerror", (error) => problems.push(String(error)))
    page.on("console", (message) => message.type() === "error" && problems.push(message.text()))
    await page.goto(url)
    await until(async () => await name() === "1 circle")
    // To its end.
    await until(async () => await number("step") === 560)
    await until(async () => await number("validation accuracy") > 90)
    await view("Try it")
    const plane = page.getByTestId("plane"), guess = page.getByTestId("guess")
    // The point is in the middle of the circle, and then in a corner of the plane.
    const { height, width, x, y } = (await plane.boundingBox())!
    await page.mouse.click(x + width / 2, y + height / 2)
    await until(async () => await guess.innerText() === "inside")
    await page.mouse.click(x + 0.03 * width, y + 0.03 * height)
    await until(async () => await guess.innerText() === "outside")
    assert.deepStrictEqual(problems, [])
  })
})
