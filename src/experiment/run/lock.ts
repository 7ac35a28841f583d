import { Effect, FileSystem } from "effect"
import type { PlatformError, Scope } from "effect"
import { inFolder } from "../../checkpoint/folder.ts"
import type { DataError } from "../../core/errors.ts"
import { fileError } from "../../core/files.ts"
import { lockFile } from "./format.ts"
import { isGone, isProcess, nameOf, parseHolder, self } from "./holder.ts"
import type { Holder } from "./holder.ts"
import { RunBusy } from "./RunBusy.ts"
import { holdWebLock } from "./webLocks.ts"

/** Whether a file is a lock, or guards one that is taken over. */
export const isLock = (name: string): boolean => name === lockFile || /^run\.lock(\.[\w-]{36})+$/.test(name)

type Files = FileSystem.FileSystem

const is = (tag: PlatformError.SystemErrorTag) => ({ reason }: PlatformError.PlatformError): boolean =>
  reason._tag === tag

/** Writes a file that is not there yet; whoever sees it sees all of it. Says whether it was this one that made it. */
const create = (path: string, partial: string, text: string) =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem
    yield* Effect.scoped(Effect.flatMap(files.open(partial, { flag: "w" }), (file) =>
      Effect.andThen(file.writeAll(new TextEncoder().encode(text)), file.sync)))
    const made = yield* Effect.result(files.link(partial, path))
    if (made._tag === "Success") {
      return true
    }
    if (is("AlreadyExists")(made.failure)) {
      return false
    }
    // A file system without links to files.
    return yield* Effect.as(files.writeFileString(path, text, { flag: "wx" }), true).pipe(
      Effect.catchIf(is("AlreadyExists"), () =>
        Effect.succeed(false))
    )
  }).pipe(
    Effect.ensuring(
      Effect.flatMap(FileSystem.FileSystem, (files) => Effect.ignore(files.remove(partial, { force: true })))
    )
  )

const holderAt = (path: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) => files.readFileString(path)).pipe(
    Effect.map((text) => ({ holder: parseHolder(text) })),
    Effect.catchIf(is("NotFound"), () => Effect.undefined)
  )

const release = (path: string, own: Holder) =>
  Effect.flatMap(holderAt(path), (found) =>
    found?.holder?.token === own.token
      ? Effect.flatMap(FileSystem.FileSystem, (files) => files.remove(path, { force: true }))
      : Effect.void).pipe(Effect.ignore)

/**
 * Takes a lock, or gives who holds it. That of a process that is gone is replaced by who holds the guard of it, a lock
 * that is taken in the same way and is of this one holder: of several that find it at once one replaces it, and whoever
 * comes to the guard later finds another holder.
 */
const take = (
  path: string,
  own: Holder
): Effect.Effect<Holder | undefined | "unknown", PlatformError.PlatformError, Files> =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem, text = `${JSON.stringify(own)}\n`
    const partial = `${path}.${own.token}.partial`
    while (true) {
      if (yield* create(path, partial, text)) return undefined
      const found = yield* holderAt(path)
      if (found === undefined) continue
      const { holder } = found
      if (holder === undefined) return "unknown"
      if (!(yield* isGone(holder, own))) return holder
      const guard = `${path}.${holder.token}`, busy = yield* take(guard, own)
      if (busy !== undefined) return busy
      const replaced = yield* Effect.gen(function*() {
        const still = yield* holderAt(path)
        if (still?.holder?.token !== holder.token) return false
        yield* files.writeFileString(partial, text)
        yield* files.rename(partial, path)
        return true
      }).pipe(Effect.ensuring(release(guard, own)))
      if (replaced) return undefined
    }
  })

const inFiles = (folder: string): Effect.Effect<void, RunBusy | DataError, Files | Scope.Scope> =>
  Effect.gen(function*() {
    const lock = inFolder(folder, lockFile), own = yield* self
    // By it other threads of this process see whether the one that holds the run is still there.
    yield* holdWebLock(nameOf(own))
    const taken = Effect.mapError(take(lock, own), fileError(lock, "a file to write"))
    const busy = yield* Effect.acquireRelease(taken, () => release(lock, own))
    if (busy === undefined) return
    if (busy === "unknown") return yield* new RunBusy({ folder, lock })
    const { host, pid, since } = busy
    return yield* new RunBusy({ folder, lock, holder: { pid, host, since } })
  })

/**
 * Whether nobody writes the run in a folder: the process that held its lock is gone, or there is no lock, as that of a
 * run whose last word could not be written, or of a copy. A lock is there before a run says that it goes on.
 */
export const isAbandoned = (folder: string): Effect.Effect<boolean, never, Files> =>
  Effect.gen(function*() {
    if (!isProcess()) return false
    const found = yield* holderAt(inFolder(folder, lockFile))
    return found === undefined || (found.holder !== undefined && (yield* isGone(found.holder, yield* self)))
  }).pipe(Effect.orElseSucceed(() => false))

const inBrowser = (folder: string): Effect.Effect<void, RunBusy, Scope.Scope> =>
  Effect.flatMap(
    holdWebLock(`effect-neuron run ${folder}`),
    (isHeld) => isHeld ? Effect.void : Effect.fail(new RunBusy({ folder }))
  )

/**
 * Holds the run in a folder for one writer until the Scope ends. A process that is killed holds it no longer. Fails
 * with `RunBusy`, which says who holds it.
 */
export const hold = (folder: string): Effect.Effect<void, RunBusy | DataError, Files | Scope.Scope> =>
  isProcess() ? inFiles(folder) : inBrowser(folder)
