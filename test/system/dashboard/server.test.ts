import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { Effect, FileSystem } from "effect"
import { HttpServer } from "effect/http"
import { request } from "node:http"
import { layer } from "../../../dashboard/server.ts"

/** A request as it stands, with a path that no client tidies up. */
const raw = (url: string, path: string, headers: { readonly [name: string]: string } = {}) =>
  Effect.promise(() =>
    new Promise<{ readonly status: number; readonly body: string }>((resolve, reject) => {
      const { hostname, port } = new URL(url)
      request({ hostname, port, path, headers }, (response) => {
        const parts: Array<Buffer> = []
        response.on("data", (part: Buffer) => parts.push(part))
        response.on("end", () => resolve({ status: response.statusCode!, body: Buffer.concat(parts).toString() }))
      }).on("error", reject).end()
    })
  )

const run = {
  ...{ format: 1, experiment: "digits", kind: "other", state: "running", step: 2, config: {}, versions: {} },
  ...{ created: "2026-01-02T03:04:05.678Z", updated: "2026-01-02T03:04:05.678Z" }
}

/** Serves a folder with the runs `a` and `b`, and calls `use` with the address and the folder. */
const serving = <A, E>(
  use: (url: string, root: string, fs: FileSystem.FileSystem) => Effect.Effect<A, E>
) => {
  const folder = Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem, root = yield* fs.makeTempDirectoryScoped()
    for (const name of ["a", "b"]) yield* fs.makeDirectory(`${root}/runs/${name}`, { recursive: true })
    yield* fs.makeDirectory(`${root}/page`)
    yield* fs.writeFileString(`${root}/page/index.html`, "<title>page</title>")
    yield* fs.writeFileString(`${root}/secret`, "secret")
    yield* fs.writeFileString(`${root}/runs/a/metrics.jsonl`, "{\"step\":1}\n{\"step\":2}\n{\"st")
    yield* fs.writeFileString(`${root}/runs/a/run.json`, JSON.stringify(run))
    yield* fs.writeFileString(`${root}/runs/a/model.safetensors`, "weights")
    return root
  })
  return Effect.scoped(Effect.flatMap(folder, (root) => {
    const served = layer({ port: 0, page: `${root}/page`, runs: `${root}/runs`, mnist: undefined })
    return Effect.gen(function*() {
      const { address } = yield* HttpServer.HttpServer
      return yield* use(HttpServer.formatAddress(address), `${root}/runs`, yield* FileSystem.FileSystem)
    }).pipe(Effect.provide(served))
  })).pipe(Effect.provide(NodeServices.layer))
}

const json = (url: string) => Effect.promise(() => fetch(url).then((response) => response.json()))

describe("the dashboard's server", () => {
  it.live("lists what is a run, with what it says or what is wrong with it", () =>
    serving((url, root, fs) =>
      Effect.gen(function*() {
        const listed = { name: "a", hasWeights: true, samples: [], run }
        assert.deepStrictEqual(yield* json(`${url}/api/runs`), [listed])
        yield* fs.writeFileString(`${root}/b/run.json`, "{")
        const [first, broken] = yield* json(`${url}/api/runs`)
        assert.deepStrictEqual([first, broken.name, broken.run], [listed, "b", undefined])
        assert.match(broken.problem, /b\/run\.json: expected a run, found what is no JSON$/)
      })
    ))

  it.live("gives whole lines of metrics, and those that are written later", () =>
    serving((url, root, fs) =>
      Effect.gen(function*() {
        const metrics = `${url}/api/runs/a/metrics?from=`
        const first = yield* json(`${metrics}0`)
        const line = (step: number) => ({ split: "train", step })
        assert.deepStrictEqual(first, { lines: [line(1), line(2)], next: 22, anew: false })
        yield* fs.writeFileString(`${root}/a/metrics.jsonl`, "ep\":3}\n", { flag: "a" })
        const second = yield* json(`${metrics}22`)
        assert.deepStrictEqual(second, { lines: [line(3)], next: 33, anew: false })
        // A run that is gone on with from an earlier step has a shorter file.
        yield* fs.writeFileString(`${root}/a/metrics.jsonl`, "{\"step\":1}\n")
        assert.deepStrictEqual(yield* json(`${metrics}33`), { lines: [line(1)], next: 11, anew: true })
      })
    ))

  it.live("hands out no file outside of its folders, by any spelling", () =>
    serving((url, root, fs) =>
      Effect.gen(function*() {
        yield* fs.symlink(`${root}/..`, `${root}/out`)
        yield* fs.symlink(`${root}/../secret`, `${root}/b/metrics.jsonl`)
        yield* fs.makeDirectory(`${root}/b/samples`)
        yield* fs.symlink(`${root}/../secret`, `${root}/b/samples/step-000000.png`)
        const paths = [
          "/../secret",
          "/%2e%2e/secret",
          "/..%2fsecret",
          "/api/runs/../../secret",
          "/api/runs/..%2f..%2fsecret/metrics?from=0",
          "/api/runs/%2e%2e/metrics?from=0",
          "/api/runs/out/metrics?from=0",
          "/api/runs/b/metrics?from=0",
          "/api/runs/a%00/metrics?from=0",
          "/api/runs/a/metrics?from=-1",
          "/api/runs/none/model.safetensors",
          "/api/runs/b/samples/step-000000.png",
          "/api/runs/a/samples/..%2fmodel.safetensors",
          "/data/mnist/..%2f..%2fsecret"
        ]
        for (const path of paths) {
          const { body, status } = yield* raw(url, path)
          assert.isAtLeast(status, 400, path)
          assert.notInclude(body, "secret", path)
        }
      })
    ))

  it.live("serves the page to this machine alone, isolated and without other origins", () =>
    serving((url) =>
      Effect.gen(function*() {
        const response = yield* Effect.promise(() => fetch(url))
        assert.include(yield* Effect.promise(() => response.text()), "<title>page</title>")
        assert.strictEqual(response.headers.get("cross-origin-opener-policy"), "same-origin")
        assert.strictEqual(response.headers.get("cross-origin-embedder-policy"), "require-corp")
        assert.include(response.headers.get("content-security-policy"), "default-src 'self'")
        assert.strictEqual((yield* raw(url, "/", { host: "elsewhere.example" })).status, 403)
        assert.match(url, /^http:\/\/127\.0\.0\.1:/)
      })
    ))
})
