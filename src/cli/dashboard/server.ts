import { NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer, Schema } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse, HttpStaticServer } from "effect/http"
import { createServer } from "node:http"
import { basename } from "node:path"
import { bestFileName, fileName } from "../../checkpoint/folder.ts"
import { version } from "../../core/version.ts"
import { reportFile } from "../../experiment/run/format.ts"
import { hasMnist, mnistFile } from "./mnistFiles.ts"
import type { OwnWorker } from "./ownWorker.ts"
import { fileOf, list, metricsFrom, sampleOf } from "./runFolders.ts"

/** What the dashboard's server serves, and where. */
export interface ServerOptions {
  readonly port: number
  /** The folder of the built page. */
  readonly page: string
  /** The folder of run folders. */
  readonly runs: string
  /** The folder of the four MNIST files, if there is one. */
  readonly mnist: string | undefined
  /** A worker with experiments of one's own, or why there is none although it was asked for. */
  readonly worker?: OwnWorker | { readonly problem: string } | undefined
}

/** Where the page finds that worker. */
const OWN = "/own"

// No other machine reaches it.
const HOST = "127.0.0.1"

// The page asks this server alone. Isolation from other origins is what threads in WebAssembly take.
const headers = {
  "content-security-policy":
    "default-src 'self'; script-src 'self' 'wasm-unsafe-eval' blob:; worker-src 'self' blob:; " +
    "connect-src 'self' blob: data:; img-src 'self' blob: data:; base-uri 'none'; form-action 'none'; " +
    "frame-ancestors 'none'",
  "cross-origin-opener-policy": "same-origin",
  "cross-origin-embedder-policy": "require-corp",
  "cross-origin-resource-policy": "same-origin",
  "referrer-policy": "no-referrer",
  "x-content-type-options": "nosniff"
}

/** What is in a folder of a run may be from anywhere: as a page it runs nothing, asks nobody, and is of no origin. */
const sandboxed = {
  "content-security-policy": "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:; " +
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  // Browsers do not show what is in a sandbox and asks to be alone.
  "cross-origin-opener-policy": "unsafe-none"
}

const notFound = HttpServerResponse.text("not found\n", { status: 404 })

const orNotFound = <E, R>(effect: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
  Effect.orElseSucceed(effect, () => notFound)

/** A page of another site can make a browser send requests here by a name that it lets resolve to this machine. */
const isLocal = (host: string | undefined): boolean => /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host ?? "")

const Offset = Schema.Struct({
  from: Schema.FiniteFromString.pipe(Schema.check(Schema.isInt(), Schema.isGreaterThanOrEqualTo(0)))
})

const routes = ({ mnist, runs, worker }: ServerOptions) =>
  HttpRouter.addAll([
    HttpRouter.route(
      "GET",
      "/api/about",
      Effect.gen(function*() {
        return HttpServerResponse.jsonUnsafe({
          version,
          runs: basename(runs),
          mnist: yield* hasMnist(mnist),
          ...(worker === undefined ? {} : "file" in worker ? { worker: `${OWN}/${worker.file}` } : worker)
        })
      })
    ),
    HttpRouter.route("GET", "/api/runs", Effect.map(list(runs), (found) => HttpServerResponse.jsonUnsafe(found))),
    HttpRouter.route(
      "GET",
      "/api/runs/:name/metrics",
      orNotFound(Effect.gen(function*() {
        const { name } = yield* HttpRouter.params
        const { from } = yield* HttpServerRequest.schemaSearchParams(Offset)
        return HttpServerResponse.jsonUnsafe(yield* metricsFrom(runs, name ?? "", from))
      }))
    ),
    ...[fileName, bestFileName].map((file) =>
      HttpRouter.route(
        "GET",
        `/api/runs/:name/${file}`,
        orNotFound(Effect.gen(function*() {
          const { name } = yield* HttpRouter.params
          const path = yield* fileOf(runs, name ?? "", file)
          return yield* HttpServerResponse.file(path, { contentType: "application/octet-stream" })
        }))
      )
    ),
    HttpRouter.route(
      "GET",
      `/api/runs/:name/${reportFile}`,
      orNotFound(Effect.gen(function*() {
        const { name } = yield* HttpRouter.params
        const path = yield* fileOf(runs, name ?? "", reportFile)
        return yield* HttpServerResponse.file(path, { contentType: "text/html; charset=utf-8", headers: sandboxed })
      }))
    ),
    HttpRouter.route(
      "GET",
      "/api/runs/:name/samples/:file",
      orNotFound(Effect.gen(function*() {
        const { file, name } = yield* HttpRouter.params
        return yield* HttpServerResponse.file(yield* sampleOf(runs, name ?? "", file ?? ""), {
          contentType: (file ?? "").endsWith(".json") ? "application/json" : "image/png"
        })
      }))
    ),
    HttpRouter.route(
      "GET",
      "/data/mnist/:name",
      orNotFound(Effect.gen(function*() {
        const { name } = yield* HttpRouter.params
        const { headers } = yield* HttpServerRequest.HttpServerRequest
        return (yield* mnistFile(mnist, name ?? "", headers["accept-encoding"] ?? "")) ?? notFound
      }))
    )
  ])

type Headers = { readonly [name: string]: string | undefined }

/**
 * Whether a request comes from no page of another origin. A link to the page itself may be anywhere; browsers say what a
 * request is for, and other clients say nothing.
 */
const isOwn = (url: string, headers: Headers): boolean => {
  const { host, origin, "sec-fetch-dest": dest, "sec-fetch-mode": mode, "sec-fetch-site": site } = headers
  if (origin !== undefined && origin !== `http://${host}`) return false
  if (site === undefined || site === "same-origin" || site === "none") return true
  return mode === "navigate" && dest === "document" && /^\/(index\.html)?([?#]|$)/.test(url)
}

const guard = HttpRouter.middleware(
  (effect) =>
    Effect.gen(function*() {
      const { headers: asked, url } = yield* HttpServerRequest.HttpServerRequest
      const refused = !isLocal(asked["host"])
        ? "this server answers to localhost alone\n"
        : isOwn(url, asked)
        ? undefined
        : "this server answers to its own page alone\n"
      const response = refused === undefined ? yield* effect : HttpServerResponse.text(refused, { status: 403 })
      const fresh = url.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache"
      return HttpServerResponse.setHeaders(response, { ...headers, ...response.headers, "cache-control": fresh })
    }),
  { global: true }
)

/** The dashboard's server: the built page, and the runs that are on this machine. It only reads. */
export const layer = (options: ServerOptions) =>
  HttpRouter.serve(
    Layer.mergeAll(
      routes(options),
      HttpStaticServer.layer({ root: options.page }),
      options.worker !== undefined && "file" in options.worker
        ? HttpStaticServer.layer({ root: options.worker.folder, prefix: OWN })
        : Layer.empty,
      guard
    ),
    { disableLogger: true, disableListenLog: true }
  ).pipe(
    // Browsers keep connections open, and Ctrl-C waits for none of them.
    Layer.provideMerge(NodeHttpServer.layer(createServer, {
      port: options.port,
      host: HOST,
      gracefulShutdownTimeout: "0 millis"
    }))
  )
