import { Cause, Data, Effect, Result, Stream } from "effect"
import type { FileSystem, Path } from "effect"
import { HttpClient } from "effect/http"
import type { DataError } from "../core/errors.ts"
import { writeBytes } from "../core/files.ts"
import { messageOf } from "../core/messageOf.ts"
import { gunzip } from "./gzip.ts"

/** None of the addresses gave the file; what came of each. */
export class DownloadError extends Data.TaggedError("DownloadError")<{
  readonly reasons: ReadonlyArray<string>
}> {
  override get message() {
    return this.reasons.join("; ")
  }
}

const toFirstByte = "20 seconds"
const toLastByte = "10 minutes"

const oneLine = (error: unknown): string => {
  if (Cause.isTimeoutError(error)) return "no answer in time"
  return messageOf(error).replaceAll(/\s+/g, " ")
}

const sha256 = (bytes: Uint8Array): Effect.Effect<string> =>
  Effect.map(
    Effect.promise(() => globalThis.crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>)),
    (digest) => Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("")
  )

const fetchPacked = (url: string, expected: string): Effect.Effect<Uint8Array, string, HttpClient.HttpClient> =>
  Effect.gen(function*() {
    const client = HttpClient.filterStatusOk(yield* HttpClient.HttpClient)
    const response = yield* Effect.timeout(client.get(url), toFirstByte)
    const packed = new Uint8Array(yield* Effect.timeout(response.arrayBuffer, toLastByte))
    const unpacked = yield* Stream.mkUint8Array(gunzip(url)(Stream.succeed(packed)))
    const found = yield* sha256(unpacked)
    if (found !== expected) return yield* Effect.fail(`expected the SHA-256 ${expected}, found ${found}`)
    return packed
  }).pipe(Effect.mapError((error) => `${url}: ${oneLine(error)}`))

/**
 * Fetches a gzip file from the first address that has it, and writes it whole or not at all. `sha256` is the checksum
 * of the unpacked data, which does not depend on who packed them.
 */
export const download = (options: {
  readonly urls: ReadonlyArray<string>
  readonly sha256: string
  readonly path: string
}): Effect.Effect<void, DownloadError | DataError, HttpClient.HttpClient | FileSystem.FileSystem | Path.Path> =>
  Effect.gen(function*() {
    const reasons: Array<string> = []
    for (const url of options.urls) {
      const packed = yield* Effect.result(fetchPacked(url, options.sha256))
      if (Result.isSuccess(packed)) return yield* writeBytes(options.path, Stream.succeed(packed.success))
      reasons.push(packed.failure)
    }
    return yield* new DownloadError({ reasons })
  })
