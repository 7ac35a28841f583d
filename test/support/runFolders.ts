import { Effect } from "effect"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { assert } from "vitest"
import { runHere } from "./cli.ts"
import { until } from "./dashboardPage.ts"
import type { Hands } from "./dashboardPage.ts"

/** What the command line prints as JSON. */
export const asked = async (...args: ReadonlyArray<string>) => {
  const { err, ok, out } = await Effect.runPromise(runHere(...args, "--json"))
  assert.isTrue(ok, err.join())
  return JSON.parse(out.at(-1)!)
}

/** What a run folder says of its run. */
export const runIn = (folder: string) => JSON.parse(readFileSync(join(folder, "run.json"), "utf8"))

/** The button that opens a run folder. */
export const opener = ({ page }: Hands, name: string) => page.getByRole("button", { name: `Open ${name}`, exact: true })

/** Opens a run folder, or its best weights, and waits for its run. */
export const opened = async (tab: Hands, name: string, isBest = false) => {
  await tab.view("Runs")
  await opener(tab, isBest ? `best weights of ${name}` : name).click()
  await until(async () => (await tab.name()).endsWith(isBest ? ` ${name}, best` : ` ${name}`))
}

/** The share of the test examples that are right, as Mistakes counts them. */
export const accuracy = async ({ page, view }: Hands, size: number) => {
  await view("Mistakes")
  await page.getByRole("combobox", { name: "examples" }).selectOption("test")
  const title = page.getByRole("heading", { name: `of ${size.toLocaleString("en-US")} test examples are wrong` })
  return 1 - Number((await title.innerText()).split(" ")[0]!.replace(",", "")) / size
}
