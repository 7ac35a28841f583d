import { mkdtempSync, rmSync } from "node:fs"
import { readFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { chromium as playwright } from "playwright"
import type { Browser, BrowserContext, Page } from "playwright"
import { afterAll, assert, beforeAll, expect } from "vitest"
import { buildPage } from "../../dashboard/build.ts"
import { violationsInAllLooks } from "./accessibility.ts"
import { chromium, chromiumArguments } from "./chromium.ts"
import { observeSaid, serve } from "./dashboard.ts"
import type { Observed } from "./dashboard.ts"
import { observeLongTasks, summaryOf } from "./longTasks.ts"
import type { LongTask } from "./longTasks.ts"

export const reason = chromium === undefined ? " (skipped: there is no Chromium; CHROMIUM says where one is)" : ""

const WAIT = 90_000, START = 120_000

/** Waits until something holds. */
export const until = (holds: () => Promise<boolean>, interval = 50): Promise<void> =>
  expect.poll(holds, { timeout: WAIT, interval, message: String(holds) }).toBe(true)

/** What a person does with a tab of the dashboard, and sees in it. */
export const handsOn = (page: Page) => {
  const figure = (name: string) =>
    page.locator(".figures div").filter({ has: page.getByText(name, { exact: true }) }).locator("dd")
  // Of `12 of 3,000` the first.
  const number = async (name: string) =>
    Number((await figure(name).innerText()).replace(/ of .*/, "").replaceAll(/[, %]/g, ""))
  const button = (name: string) => page.getByRole("button", { name, exact: true })
  const phase = (name: string) => page.getByTestId("phase").filter({ hasText: name }).waitFor({ timeout: WAIT })
  const name = () => page.locator(".runbar .name").innerText()
  return {
    page,
    number,
    button,
    press: (name: string) => button(name).click(),
    phase,
    name,
    /** The step of the last checkpoint that is kept. */
    kept: async () =>
      Number(/kept at step ([\d,]+)/.exec(await page.locator(".runbar").innerText())?.[1]?.replace(/,/g, "") ?? -1),
    /** Begins a run of an experiment as the form has it. */
    begin: async (experiment: string) => {
      await page.getByLabel("Experiment", { exact: true }).selectOption(experiment)
      await button("Start a new run").click()
      await until(async () => new RegExp(`^\\d+ ${experiment}$`).test(await name()))
      await phase("running")
    },
    /** The bytes of the file that its weights are taken out as, and its name. */
    weights: async () => {
      const [download] = await Promise.all([page.waitForEvent("download"), button("Export weights").click()])
      return { file: download.suggestedFilename(), bytes: new Uint8Array(await readFile(await download.path())) }
    },
    view: (name: string) => page.getByRole("navigation").getByRole("link", { name }).click(),
    row: (name: string) => page.locator(".page-runs tbody tr").filter({ hasText: name }),
    /** The step of a run that is paused, when all that was on its way to the page is there. */
    settled: async () => {
      let before = -1
      await until(async () => before === (before = await number("step")), 200)
      return before
    },
    /** What was said to those who do not see the page, since this was last asked. */
    said: () => page.evaluate(() => (globalThis as unknown as Observed).said.splice(0))
  }
}

export type Hands = ReturnType<typeof handsOn>

/** A browser with nothing in it of what others have left. */
export interface Person {
  readonly context: BrowserContext
  readonly url: string
  /** The folder of run folders. */
  readonly runs: string
  /** Opens a tab with the dashboard, or with nothing yet. */
  readonly open: (path?: string) => Promise<Hands>
  /** What pages have thrown and written to their consoles; none of it is expected. */
  readonly problems: Array<string>
  /** What was asked of other servers. */
  readonly elsewhere: Array<string>
  /** What an audit of accessibility finds in a tab, in light and dark, on a wide screen and on a phone. */
  readonly audit: (tab: Hands) => Promise<ReadonlyArray<string>>
  /** Says how long the main threads of pages were busy, view by view, audits left out. */
  readonly sayHowBusy: (annotate: (text: string) => unknown) => Promise<void>
  readonly leave: () => Promise<void>
}

let launched: Promise<Browser> | undefined

/** The Chromium of the tests of this process, which ends with it. */
const browserOfProcess = (): Promise<Browser> =>
  launched ??= playwright.launch({ executablePath: chromium!, args: chromiumArguments })

/** A server of the dashboard for the tests of a file, with experiments of files and the folder of MNIST, if given. */
export const sharedDashboard = (experiments: ReadonlyArray<string> = [], mnist?: string) => {
  const runs = mkdtempSync(join(tmpdir(), "runs-"))
  let browser: Browser, server: Awaited<ReturnType<typeof serve>>
  beforeAll(async () => {
    await buildPage()
    server = await serve(runs, experiments, mnist)
    browser = await browserOfProcess()
  }, START)
  afterAll(() => {
    server?.close()
    rmSync(runs, { recursive: true, force: true })
  })

  const arrive = async (): Promise<Person> => {
    const context = await browser.newContext({ viewport: { width: 1280, height: 860 } })
    const problems: Array<string> = [], elsewhere: Array<string> = []
    context.setDefaultTimeout(WAIT)
    await context.addInitScript(observeSaid)
    context.on("weberror", (error) => problems.push(String(error.error())))
    context.on("console", (message) => {
      // A browser asks for the icon of what is no page of ours.
      if (message.type() !== "error" || message.location().url.endsWith("/favicon.ico")) return
      problems.push(`${message.text()} ${message.location().url}`)
    })
    context.on("request", (request) => {
      const url = request.url()
      if (url.startsWith("http") && !url.startsWith(server.url)) elsewhere.push(url)
    })
    const open = async (path = "") => {
      const page = await context.newPage()
      await page.goto(`${server.url}/${path}`)
      return handsOn(page)
    }
    const tasks: Array<LongTask> = [], audits: Array<readonly [from: number, to: number]> = []
    await observeLongTasks(context, (task) => tasks.push(task))
    // It keeps the page's thread busy itself.
    const audit = async ({ page }: Hands) => {
      const from = Date.now(), found = await violationsInAllLooks(page)
      audits.push([from, Date.now()])
      return found
    }
    const sayHowBusy: Person["sayHowBusy"] = async (annotate) => {
      const driven = tasks.filter(({ at }) => !audits.some(([from, to]) => at >= from && at <= to))
      for (const view of new Set(driven.map(({ view }) => view))) await annotate(summaryOf(driven, view))
      if (driven.length === 0) await annotate("no tasks over 50 ms")
    }
    const leave = () => context.close()
    return { context, url: server.url, runs, open, problems, elsewhere, audit, sayHowBusy, leave }
  }

  /** Somebody who has never been here, whose pages are to report no error. */
  const visit = async (use: (person: Person) => Promise<void>): Promise<void> => {
    const person = await arrive()
    try {
      await use(person)
      assert.deepStrictEqual(person.problems, [])
      assert.deepStrictEqual(person.elsewhere, [])
    } finally {
      await person.leave()
    }
  }
  return { arrive, visit }
}

/**
 * Somebody with a tab in which the dashboard trains, for the tests of a file one after another; with what
 * {@link sharedDashboard} is given.
 */
export const sharedTab = (
  ...given: Parameters<typeof sharedDashboard>
): { readonly person: Person; readonly tab: Hands } => {
  const { arrive } = sharedDashboard(...given)
  let person: Person | undefined, tab: Hands | undefined
  beforeAll(async () => {
    person = await arrive()
    tab = await person.open()
    await tab.phase("running")
  })
  afterAll(() => person?.leave())
  return {
    get person() {
      return person!
    },
    get tab() {
      return tab!
    }
  }
}
