import { Effect } from "effect"
import { HttpServer } from "effect/http"
import { page as built } from "../../dashboard/build.ts"
import { buildWorker } from "../../src/cli/dashboard/ownWorker.ts"
import { layer } from "../../src/cli/dashboard/server.ts"

/** Serves the dashboard's built page from a port of its own until `close` is called. */
export const serve = async (runs: string, experiments: ReadonlyArray<string> = [], mnist?: string) => {
  const worker = experiments.length === 0 ? undefined : await buildWorker(experiments)
  let close = () => {}
  const url = await new Promise<string>((resolve, reject) => {
    const fiber = Effect.runFork(
      Effect.gen(function*() {
        const { address } = yield* HttpServer.HttpServer
        resolve(HttpServer.formatAddress(address))
        return yield* Effect.never
      }).pipe(
        Effect.provide(layer({ port: 0, page: built, runs, mnist, worker })),
        Effect.tapCause((cause) => Effect.sync(() => reject(cause)))
      )
    )
    close = () => fiber.interruptUnsafe()
  })
  return { url, close: () => close() }
}

/** What {@link observeSaid} finds in a page. */
export interface Observed {
  said: Array<string>
}

/** Runs in a page: remembers what screen readers were told. */
export const observeSaid = () => {
  const found = globalThis as unknown as Observed
  found.said = []
  new MutationObserver((changes) => {
    for (const { target, type } of changes) {
      const element = target instanceof Element ? target : target.parentElement
      if (type === "attributes") found.said.push(`its name: ${element!.ariaLabel}`)
      const live = element?.closest("[role=status], [role=alert], [aria-live], output:not([aria-hidden])")
      if (live?.textContent) found.said.push(live.textContent)
    }
  }).observe(document, { subtree: true, childList: true, characterData: true, attributeFilter: ["aria-label"] })
}
