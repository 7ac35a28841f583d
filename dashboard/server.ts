import { NodeHttpServer } from "@effect/platform-node"
import { Effect, Layer, Schema } from "effect"
import { HttpRouter, HttpServerRequest, HttpServerResponse, HttpStaticServer } from "effect/http"
import { createServer } from "node:http"
import { basename } from "node:path"
import { fileName } from "../src/checkpoint/index.ts"
import { version } from "../src/core/version.ts"
import { hasMnist, mnistFile } from "./mnistFiles.ts"
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
}

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

const notFound = HttpServerResponse.text("not found\n", { status: 404 })

const orNotFound = <E, R>(effect: Effect.Effect<HttpServerResponse.HttpServerResponse, E, R>) =>
  Effect.orElseSucceed(effect, () => notFound)

/** A page of another site can make a browser send requests here by a name that it lets resolve to this machine. */
const isLocal = (host: string | undefined): boolean => /^(127\.0\.0\.1|localhost|\[::1\])(:\d+)?$/.test(host ?? "")

const Offset = Schema.Struct({
  from: Schema.FiniteFromString.pipe(Schema.check(Schema.isInt(), Schema.isGreaterThanOrEqualTo(0)))
})

const routes = ({ mnist, runs }: ServerOptions) =>
  HttpRouter.addAll([
    HttpRouter.route(
      "GET",
      "/api/about",
      Effect.gen(function*() {
        return HttpServerResponse.jsonUnsafe({
          version,
          runs: basename(runs),
          mnist: yield* Effect.promise(() => hasMnist(mnist))
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
    HttpRouter.route(
      "GET",
      "/api/runs/:name/model.safetensors",
      orNotFound(Effect.gen(function*() {
        const { name } = yield* HttpRouter.params
        const path = yield* fileOf(runs, name ?? "", fileName)
        return yield* HttpServerResponse.file(path, { contentType: "application/octet-stream" })
      }))
    ),
    HttpRouter.route(
      "GET",
      "/api/runs/:name/samples/:file",
      orNotFound(Effect.gen(function*() {
        const { file, name } = yield* HttpRouter.params
        return yield* HttpServerResponse.file(yield* sampleOf(runs, name ?? "", file ?? ""), {
          contentType: "image/png"
        })
      }))
    ),
    HttpRouter.route(
      "GET",
      "/data/mnist/:name",
      Effect.gen(function*() {
        const { name } = yield* HttpRouter.params
        const bytes = yield* Effect.promise(() => mnistFile(mnist, name ?? ""))
        return bytes === undefined
          ? notFound
          : HttpServerResponse.uint8Array(bytes, { contentType: "application/octet-stream" })
      })
    )
  ])

const guard = HttpRouter.middleware(
  (effect) =>
    Effect.gen(function*() {
      const request = yield* HttpServerRequest.HttpServerRequest
      const response = isLocal(request.headers["host"])
        ? yield* effect
        : HttpServerResponse.text("this server answers to localhost alone\n", { status: 403 })
      const fresh = request.url.startsWith("/assets/") ? "public, max-age=31536000, immutable" : "no-cache"
      return HttpServerResponse.setHeaders(response, { ...headers, "cache-control": fresh })
    }),
  { global: true }
)

/** The dashboard's server: the built page, and the runs that are on this machine. It only reads. */
export const layer = (options: ServerOptions) =>
  HttpRouter.serve(
    Layer.mergeAll(routes(options), HttpStaticServer.layer({ root: options.page }), guard),
    { disableLogger: true, disableListenLog: true }
  ).pipe(
    // Browsers keep connections open, and Ctrl-C waits for none of them.
    Layer.provideMerge(NodeHttpServer.layer(createServer, {
      port: options.port,
      host: HOST,
      gracefulShutdownTimeout: "0 millis"
    }))
  )
