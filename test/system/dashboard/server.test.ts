import * as NodeServices from "@effect/platform-node/NodeServices"
import { assert, describe, it } from "@effect/vitest"
import { ConfigProvider, Effect, FileSystem, Option } from "effect"
import { HttpServer } from "effect/http"
import { request } from "node:http"
import type { IncomingMessage } from "node:http"
import { gunzipSync, gzipSync } from "node:zlib"
import { mnistFor } from "../../../src/cli/dashboard/serveDashboard.ts"
import { layer } from "../../../src/cli/dashboard/server.ts"

/** A request as it stands, with a path that no client tidies up. */
const raw = (url: string, path: string, headers: { readonly [name: string]: string } = {}) =>
  Effect.promise(() =>
    new Promise<
      Pick<IncomingMessage, "headers"> & { readonly status: number; readonly body: string; readonly bytes: Buffer }
    >((resolve, reject) => {
      const { hostname, port } = new URL(url)
      request({ hostname, port, path, headers }, (response) => {
        const parts: Array<Buffer> = []
        response.on("data", (part: Buffer) => parts.push(part))
        response.on("end", () => {
          const bytes = Buffer.concat(parts)
          resolve({ status: response.statusCode!, headers: response.headers, body: bytes.toString(), bytes })
        })
      }).on("error", reject).end()
    })
  )

const run = {
  ...{ format: 1, experiment: "digits", kind: "other", state: "stopped", step: 2, config: {}, versions: {} },
  ...{ created: "2026-01-02T03:04:05.678Z", updated: "2026-01-02T03:04:05.678Z" }
}

/** Serves a folder with the runs `a` and `b`, and calls `use` with the address and the folder. */
const serving = <A, E>(
  use: (url: string, root: string, fs: FileSystem.FileSystem) => Effect.Effect<A, E>
) => {
  const folder = Effect.gen(function*() {
    const fs = yield* FileSystem.FileSystem, root = yield* fs.makeTempDirectoryScoped()
    for (const name of ["a", "b"]) yield* fs.makeDirectory(`${root}/runs/${name}`, { recursive: true })
    for (const name of ["page", "mnist"]) yield* fs.makeDirectory(`${root}/${name}`)
    yield* fs.writeFileString(`${root}/page/index.html`, "<title>page</title>")
    yield* fs.writeFileString(`${root}/secret`, "secret")
    yield* fs.writeFileString(`${root}/runs/a/metrics.jsonl`, "{\"step\":1}\n{\"step\":2}\n{\"st")
    yield* fs.writeFileString(`${root}/runs/a/run.json`, JSON.stringify(run))
    yield* fs.writeFileString(`${root}/runs/a/model.safetensors`, "weights")
    return root
  })
  return Effect.scoped(Effect.flatMap(folder, (root) => {
    const served = layer({ port: 0, page: `${root}/page`, runs: `${root}/runs`, mnist: `${root}/mnist` })
    return Effect.gen(function*() {
      const { address } = yield* HttpServer.HttpServer
      return yield* use(HttpServer.formatAddress(address), `${root}/runs`, yield* FileSystem.FileSystem)
    }).pipe(Effect.provide(served))
  })).pipe(Effect.provide(NodeServices.layer))
}

const json = (url: string) => Effect.promise(() => fetch(url).then((response) => response.json()))

describe("the dashboard's server", () => {
  it.effect("looks for MNIST where the command line does: by --data-dir, by MNIST_DIR, in the cache", () =>
    Effect.gen(function*() {
      const set = { XDG_CACHE_HOME: "/cache", MNIST_DIR: "/set" }, cached = "/cache/effect-neuron/mnist"
      const found = (dataDir: Option.Option<string>, variables: object) =>
        mnistFor(dataDir).pipe(Effect.provide(ConfigProvider.layer(ConfigProvider.fromUnknown(variables))))
      assert.strictEqual(yield* found(Option.some("/given"), set), "/given")
      assert.strictEqual(yield* found(Option.none(), set), "/set")
      assert.strictEqual(yield* found(Option.none(), { XDG_CACHE_HOME: "/cache" }), cached)
      assert.strictEqual(yield* found(Option.none(), { ...set, MNIST_DIR: "" }), cached)
      assert.strictEqual(yield* found(Option.none(), { HOME: "/me" }), "/me/.cache/effect-neuron/mnist")
    }).pipe(Effect.provide(NodeServices.layer)))

  it.live("lists what is a run, with what it says or what is wrong with it", () =>
    serving((url, root, fs) =>
      Effect.gen(function*() {
        const listed = { name: "a", hasWeights: true, hasBest: false, hasReport: false, samples: [], run }
        assert.deepStrictEqual(yield* json(`${url}/api/runs`), [listed])
        yield* fs.writeFileString(`${root}/b/run.json`, "{")
        const [first, broken] = yield* json(`${url}/api/runs`)
        assert.deepStrictEqual([first, broken.name, broken.run], [listed, "b", undefined])
        assert.match(broken.problem, /b\/run\.json: expected a run, found what is no JSON$/)
      })
    ))

  it.live("lists the pictures and the texts that a run has made, and gives them", () =>
    serving((url, root, fs) =>
      Effect.gen(function*() {
        const text = { prompt: "Once", text: " upon a time" }
        yield* fs.makeDirectory(`${root}/a/samples`)
        yield* fs.writeFileString(`${root}/a/samples/step-000067.json`, JSON.stringify(text))
        yield* fs.writeFileString(`${root}/a/samples/step-000003.png`, "a picture")
        yield* fs.writeFileString(`${root}/a/samples/notes.json`, "{}")
        const [{ samples }] = yield* json(`${url}/api/runs`)
        assert.deepStrictEqual(samples, ["step-000003.png", "step-000067.json"])
        assert.deepStrictEqual(yield* json(`${url}/api/runs/a/samples/step-000067.json`), text)
        assert.isAtLeast((yield* raw(url, "/api/runs/a/samples/notes.json")).status, 400)
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
        yield* fs.symlink(`${root}/../secret`, `${root}/b/report.html`)
        yield* fs.symlink(`${root}/../secret`, `${root}/b/best.safetensors`)
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
          "/api/runs/b/report.html",
          "/api/runs/b/best.safetensors",
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

  it.live("gives nothing to a page of another origin, and its own page to whoever follows a link", () =>
    serving((url, root, fs) =>
      Effect.gen(function*() {
        yield* fs.writeFileString(`${root}/a/report.html`, "a report")
        const paths = ["/", "/api/about", "/api/runs", "/api/runs/a/model.safetensors", "/api/runs/a/report.html"]
        const navigation = { "sec-fetch-mode": "navigate", "sec-fetch-dest": "document" }
        const others = [
          { origin: "http://elsewhere.example" },
          // Another server of this machine is another origin, though the same site.
          { origin: "http://127.0.0.1:1" },
          { origin: "null" },
          { "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors" },
          { "sec-fetch-site": "same-site", "sec-fetch-mode": "cors" },
          { "sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe" }
        ]
        for (const path of paths) {
          for (const headers of others) {
            const { body, status } = yield* raw(url, path, headers)
            assert.strictEqual(status, 403, `${path} ${JSON.stringify(headers)}`)
            assert.strictEqual(body, "this server answers to its own page alone\n")
          }
          for (const site of ["same-origin", "none"]) {
            assert.strictEqual((yield* raw(url, path, { "sec-fetch-site": site, ...navigation })).status, 200, path)
          }
          const linked = yield* raw(url, path, { "sec-fetch-site": "cross-site", ...navigation })
          assert.strictEqual(linked.status, path === "/" ? 200 : 403, path)
        }
        assert.strictEqual((yield* raw(url, "/api/about", { origin: url })).status, 200)
      })
    ))

  it.live("shows the report of a run in a sandbox of its own, where nothing runs", () =>
    serving((url, root, fs) =>
      Effect.gen(function*() {
        assert.strictEqual((yield* raw(url, "/api/runs/a/report.html")).status, 404)
        yield* fs.writeFileString(`${root}/a/report.html`, "<script>alert(1)</script>")
        for (const path of ["/api/runs/a/report.html", "/%61pi/runs/a/report.html"]) {
          const { headers, status } = yield* raw(url, path)
          if (status !== 200) continue
          const policy = headers["content-security-policy"]
          assert.match(String(policy), /^sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src data:;/)
          assert.notInclude(String(policy), "script")
          assert.strictEqual(headers["cross-origin-opener-policy"], "unsafe-none")
        }
        assert.strictEqual(
          (yield* raw(url, "/api/runs/a/report.html")).headers["content-type"],
          "text/html; charset=utf-8"
        )
      })
    ))

  it.live("says what there is of MNIST without reading it, and hands it out as packed as it is", () =>
    serving((url, root, fs) =>
      Effect.gen(function*() {
        const mnist = `${root}/../mnist`, plain = Buffer.from("0123456789".repeat(1000)), packed = gzipSync(plain)
        assert.isFalse((yield* json(`${url}/api/about`)).mnist)
        // What could not be unpacked is there all the same, as whoever asks for it finds out.
        yield* fs.writeFile(`${mnist}/train-images-idx3-ubyte.gz`, packed)
        yield* fs.writeFileString(`${mnist}/train-labels-idx1-ubyte.gz`, "not packed")
        yield* fs.writeFile(`${mnist}/t10k-images.idx3-ubyte.gz`, packed)
        assert.isFalse((yield* json(`${url}/api/about`)).mnist)
        yield* fs.writeFile(`${mnist}/t10k-labels-idx1-ubyte`, plain)
        assert.isTrue((yield* json(`${url}/api/about`)).mnist)
        const get = (name: string, accepted?: string) =>
          raw(url, `/data/mnist/${name}`, accepted === undefined ? {} : { "accept-encoding": accepted })
        for (const name of ["train-images-idx3-ubyte", "t10k-images-idx3-ubyte"]) {
          const taken = yield* get(name, "gzip, deflate, br")
          assert.strictEqual(taken.headers["content-encoding"], "gzip")
          assert.deepStrictEqual([taken.bytes, gunzipSync(taken.bytes)], [packed, plain])
          for (const accepted of [undefined, "br", "gzip;q=0, br"]) {
            const { bytes, headers } = yield* get(name, accepted)
            assert.strictEqual(headers["content-encoding"], undefined)
            assert.deepStrictEqual(bytes, plain)
          }
        }
        assert.deepStrictEqual((yield* get("t10k-labels-idx1-ubyte", "gzip")).bytes, plain)
        assert.strictEqual((yield* get("other")).status, 404)
      })
    ))
})
