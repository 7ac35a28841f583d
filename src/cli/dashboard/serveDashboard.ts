import { Console, Effect, FileSystem, Path } from "effect"
import type { Option } from "effect"
import { HttpServer } from "effect/http"
import { messageOf } from "../../core/messageOf.ts"
import { mnistDirectory } from "../../datasets/mnist.ts"
import { withDataDir } from "../dataDir.ts"
import { UsageError } from "../UsageError.ts"
import { openBrowser } from "./openBrowser.ts"
import { root } from "./ownPackage.ts"
import { buildWorker, removeWorker } from "./ownWorker.ts"
import { layer } from "./server.ts"

/** What is served, and where. */
export interface DashboardOptions {
  /** Files that export experiments. */
  readonly experiments: ReadonlyArray<string>
  readonly port: number
  /** The folder that holds run folders. */
  readonly runs: string
  /** The folder of the four MNIST files, by default MNIST_DIR, else the cache. */
  readonly dataDir: Option.Option<string>
  /** Whether a browser is to show the page. */
  readonly open: boolean
}

/** Where MNIST is looked for, as `npm start` does: in the folder that is given or that MNIST_DIR names, else in the cache. */
export const mnistFor = (dataDir: DashboardOptions["dataDir"]) =>
  Effect.map(withDataDir(dataDir)(mnistDirectory), ({ directory }) => directory)

/** Serves the page until it is stopped. */
export const serveDashboard = ({ dataDir, experiments, open, port, runs }: DashboardOptions) =>
  Effect.gen(function*() {
    const { join, resolve } = yield* Path.Path, files = yield* FileSystem.FileSystem
    const page = join(root, "dashboard", "dist")
    if (!(yield* Effect.orElseSucceed(files.exists(join(page, "index.html")), () => false))) {
      return yield* new UsageError({ message: "the page is not built: npm run dashboard -- --build builds it" })
    }
    const worker = experiments.length === 0 ? undefined : yield* Effect.acquireRelease(
      Effect.promise(() => buildWorker(experiments)),
      () => Effect.promise(removeWorker)
    )
    if (worker !== undefined && "problem" in worker) yield* Console.error(worker.problem)
    const serve = Effect.gen(function*() {
      const { address } = yield* HttpServer.HttpServer
      const url = `${HttpServer.formatAddress(address)}/`
      yield* Console.log(`dashboard: ${url}\nruns: ${resolve(runs)}\nCtrl-C stops it`)
      if (open) openBrowser(url)
      return yield* Effect.never
    })
    const mnist = yield* mnistFor(dataDir)
    yield* Effect.provide(serve, layer({ port, page, runs: resolve(runs), mnist, worker })).pipe(
      Effect.catchTag("ServeError", ({ cause }) =>
        Effect.fail(
          new UsageError({
            message: (cause as { readonly code?: unknown } | undefined)?.code === "EADDRINUSE"
              ? "the port is in use: choose another by --port, or any by --port 0"
              : messageOf(cause)
          })
        ))
    )
  }).pipe(Effect.scoped)
