import { NodeStream } from "@effect/platform-node"
import { Effect, FileSystem, Path } from "effect"
import { HttpServerResponse } from "effect/http"
import { createReadStream } from "node:fs"
import { pipeline } from "node:stream"
import { createGunzip } from "node:zlib"
import { mnistFiles, spellings } from "../../datasets/mnistFiles.ts"

const isFile = (path: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) => files.stat(path)).pipe(
    Effect.map(({ size, type }) => type === "File" && size > 0),
    Effect.orElseSucceed(() => false)
  )

/** Where one of the four MNIST files is, by the first of its spellings; `undefined` for other names and for none. */
const find = (directory: string | undefined, name: string) =>
  Effect.gen(function*() {
    const known = mnistFiles.find((file) => file === name), { join } = yield* Path.Path
    if (directory === undefined || known === undefined) return undefined
    for (const spelling of spellings(known)) {
      const path = join(directory, spelling)
      if (yield* isFile(path)) return path
    }
    return undefined
  })

/** Whether all four files are there; none of them is read. */
export const hasMnist = (directory: string | undefined) =>
  Effect.map(
    Effect.forEach(mnistFiles, (name) => find(directory, name)),
    (paths) => paths.every((path) => path !== undefined)
  )

const contentType = "application/octet-stream"

// A piece at a time is in memory, and whoever leaves closes the file.
const unpacked = (path: string) =>
  NodeStream.fromReadable({ evaluate: () => pipeline(createReadStream(path), createGunzip(), () => {}) })

/**
 * One of the four MNIST files, piece by piece; `undefined` for other names and where there is none. What is packed on
 * disk goes out packed to whoever takes that (`accepted`, as `Accept-Encoding` says it), and is unpacked on the way to
 * others.
 */
export const mnistFile = (directory: string | undefined, name: string, accepted: string) =>
  Effect.gen(function*() {
    const path = yield* find(directory, name)
    if (path === undefined) return undefined
    if (!path.endsWith(".gz")) return yield* HttpServerResponse.file(path, { contentType })
    if (!/\bgzip\b(?!\s*;\s*q=0(\.0*)?\s*(,|$))/.test(accepted)) {
      return HttpServerResponse.stream(unpacked(path), { contentType })
    }
    const response = yield* HttpServerResponse.file(path, { contentType })
    return HttpServerResponse.setHeaders(response, { "content-encoding": "gzip", "vary": "accept-encoding" })
  })
