import type { BrowserContext } from "playwright"

/**
 * A time in which a page's main thread was busy for more than 50 ms: when it began, in milliseconds of the clock, and
 * the view that was open then.
 */
export interface LongTask {
  readonly at: number
  readonly view: string
  readonly duration: number
}

/** Has pages tell of their long tasks, whatever is loaded into them; the second in which that is loaded is left out. */
export const observeLongTasks = async (
  page: Pick<BrowserContext, "exposeFunction" | "addInitScript">,
  onLongTask: (task: LongTask) => unknown
): Promise<void> => {
  await page.exposeFunction("onLongTask", onLongTask)
  await page.addInitScript(() => {
    const { onLongTask } = globalThis as unknown as { readonly onLongTask: (task: LongTask) => void }
    new PerformanceObserver((list) => {
      for (const { duration, startTime } of list.getEntries()) {
        const at = performance.timeOrigin + startTime, view = location.hash.slice(1) || "training"
        if (startTime > 1000) onLongTask({ at, view, duration })
      }
    }).observe({ type: "longtask", buffered: true })
  })
}

/** How many long tasks there were in a view, and how long the longest was. */
export const summaryOf = (tasks: ReadonlyArray<LongTask>, view: string): string => {
  const durations = tasks.filter((task) => task.view === view).map(({ duration }) => duration)
  const longest = durations.length === 0 ? "" : `, the longest ${Math.max(...durations)} ms`
  return `${view}: ${durations.length} tasks over 50 ms${longest}`
}
