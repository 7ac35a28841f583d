import type { Browser, Page } from "playwright"

/** A task of a page's main thread, in milliseconds. */
export interface Task {
  /** By the clock on the wall: on a busy machine it counts the time of others too. */
  readonly wall: number
  /** That the thread itself was running. */
  readonly thread: number
}

/** What a trace has found. */
interface Traced {
  readonly tasks: ReadonlyArray<Task>
  /** When the page, and its workers, had an animation frame to draw in, in milliseconds. */
  readonly frames: { readonly page: ReadonlyArray<number>; readonly workers: ReadonlyArray<number> }
  readonly file: Buffer
}

interface TraceEvent {
  readonly name: string
  readonly pid: number
  readonly tid: number
  readonly ts: number
  readonly dur?: number
  readonly tdur?: number
  readonly args?: { readonly name?: string }
}

const BEGIN = "begin"

const categories = [
  "toplevel",
  "devtools.timeline",
  "disabled-by-default-devtools.timeline",
  "blink.user_timing"
]

// It names the functions that a task was in.
const profiler = "disabled-by-default-v8.cpu_profiler"

/** What the page's main thread does while something is done with the page. With `profile`, all takes longer. */
export const traceWhile = async (
  browser: Browser,
  page: Page,
  act: () => Promise<unknown>,
  { profile = false } = {}
): Promise<Traced> => {
  await browser.startTracing(page, { categories: profile ? [...categories, profiler] : categories })
  // Starting is a long task itself.
  await page.evaluate((name) => void performance.mark(name), BEGIN)
  // Animation frames are counted whether or not the page asks for them.
  await page.evaluate(() => {
    const here = globalThis as { isCounting?: boolean }
    const frame = () => void requestAnimationFrame(frame)
    if (here.isCounting !== true) frame()
    here.isCounting = true
  })
  await act()
  const file = await browser.stopTracing()
  const { traceEvents } = JSON.parse(file.toString()) as { readonly traceEvents: ReadonlyArray<TraceEvent> }
  const begin = traceEvents.find(({ name }) => name === BEGIN)?.ts ?? 0
  const events = traceEvents.filter(({ ts }) => ts > begin)
  const threadOf = ({ pid, tid }: TraceEvent) => `${pid} ${tid}`
  const threads = new Set(
    traceEvents.filter(({ args, name }) => name === "thread_name" && args?.name === "CrRendererMain").map(threadOf)
  )
  const frames = (ofPage: boolean) =>
    events.filter((event) => event.name === "FireAnimationFrame" && threads.has(threadOf(event)) === ofPage)
      .map(({ ts }) => ts / 1000).sort((a, b) => a - b)
  return {
    tasks: events.filter((event) => event.name === "RunTask" && event.dur !== undefined && threads.has(threadOf(event)))
      .map(({ dur, tdur }) => ({ wall: dur! / 1000, thread: (tdur ?? dur!) / 1000 })),
    frames: { page: frames(true), workers: frames(false) },
    file
  }
}
