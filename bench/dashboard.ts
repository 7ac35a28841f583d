// How long tasks of the dashboard's main thread take while it is used: `node bench/dashboard.ts [--traces folder]
// [--only views,dense,convolutional,generator,long]`. With a folder the trace of each action is written into it, for
// the performance panel of DevTools.
import { Effect } from "effect"
import { HttpServer } from "effect/http"
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { parseArgs } from "node:util"
import { chromium as playwright } from "playwright"
import { buildPage, page as built } from "../dashboard/build.ts"
import { layer } from "../src/cli/dashboard/server.ts"
import { chromium, chromiumArguments } from "../test/support/chromium.ts"
import { sections } from "./dashboardActions.ts"
import { traceWhile } from "./dashboardTrace.ts"
import type { Task } from "./dashboardTrace.ts"
import { table } from "./table.ts"

const { values: { only, traces } } = parseArgs({ options: { traces: { type: "string" }, only: { type: "string" } } })
if (chromium === undefined) throw new Error("there is no Chromium; CHROMIUM says where one is")

const runs = mkdtempSync(join(tmpdir(), "runs-")), folder = join(runs, "long")
mkdirSync(folder)
const line = (step: number) =>
  `{"split":"train","step":${step},"epoch":1,"loss":${1 / step},"accuracy":${1 - 1 / step}}\n`
const date = new Date().toISOString()
writeFileSync(
  join(folder, "run.json"),
  JSON.stringify({
    ...{
      format: 1,
      experiment: "digits",
      kind: "supervised",
      state: "finished",
      step: 60_000,
      config: {},
      versions: {}
    },
    ...{ created: date, updated: date }
  })
)
writeFileSync(join(folder, "metrics.jsonl"), Array.from({ length: 60_000 }, (_, i) => line(i + 1)).join(""))

/** Frames a second, by the median of the times between them: a picture that nobody moves has longer pauses too. */
const rate = (times: ReadonlyArray<number>): string => {
  // Callbacks of one frame come within a millisecond or two.
  const intervals = times.slice(1).map((time, i) => time - times[i]!).filter((interval) => interval > 2)
  const median = intervals.sort((a, b) => a - b)[Math.floor(intervals.length / 2)]
  return median === undefined || intervals.length < 20 ? "" : (1000 / median).toFixed(0)
}

const measure = async (url: string) => {
  const browser = await playwright.launch({ executablePath: chromium!, args: chromiumArguments })
  const rows: Array<ReadonlyArray<string>> = []
  for (const [section, actions] of Object.entries(sections)) {
    if (only !== undefined && !only.split(",").includes(section)) continue
    const page = await browser.newPage({ viewport: { width: 1280, height: 860 } })
    page.setDefaultTimeout(20_000)
    page.on("pageerror", (error) => console.error(String(error)))
    for (const { act, before, name } of actions(page, url)) {
      await before?.()
      const { file, frames, tasks } = await traceWhile(browser, page, act, { profile: traces !== undefined })
      if (traces !== undefined) {
        mkdirSync(traces, { recursive: true })
        writeFileSync(join(traces, `${name.replaceAll(/\W+/g, "-")}.json`), file)
      }
      const most = (of: keyof Task) => Math.max(...tasks.map((task) => task[of])).toFixed(1)
      rows.push([
        name,
        most("thread"),
        most("wall"),
        String(tasks.filter(({ wall }) => wall > 50).length),
        rate(frames.page),
        rate(frames.workers)
      ])
      console.log(rows.at(-1)!.join(" | "))
    }
    await page.close()
  }
  await browser.close()
  const head = ["action", "longest, thread ms", "longest, wall ms", "over 50 wall ms", "frames/s", "drawn/s"]
  console.log(`\n${table(head, rows)}`)
}

await buildPage()
await Effect.runPromise(
  Effect.gen(function*() {
    const { address } = yield* HttpServer.HttpServer
    yield* Effect.promise(() => measure(HttpServer.formatAddress(address)))
  }).pipe(Effect.scoped, Effect.provide(layer({ port: 0, page: built, runs, mnist: undefined })))
)
rmSync(runs, { recursive: true, force: true })
