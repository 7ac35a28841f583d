import { Effect } from "effect"
import { HttpServer } from "effect/http"
import { page as built } from "../../dashboard/build.ts"
import { layer } from "../../dashboard/server.ts"

/** Serves the built page from a port of its own until `close` is called. */
export const serve = async (runs: string) => {
  let close = () => {}
  const url = await new Promise<string>((resolve, reject) => {
    const fiber = Effect.runFork(
      Effect.gen(function*() {
        const { address } = yield* HttpServer.HttpServer
        resolve(HttpServer.formatAddress(address))
        return yield* Effect.never
      }).pipe(
        Effect.provide(layer({ port: 0, page: built, runs, mnist: undefined })),
        Effect.tapCause((cause) => Effect.sync(() => reject(cause)))
      )
    )
    close = () => fiber.interruptUnsafe()
  })
  return { url, close: () => close() }
}
