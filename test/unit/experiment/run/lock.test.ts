import { NodeServices } from "@effect/platform-node"
import { assert, layer } from "@effect/vitest"
import { Effect, Exit, FileSystem, PlatformError, Result } from "effect"
import { Errors } from "effect-neuron"
import { spawnSync } from "node:child_process"
import { readFileSync } from "node:fs"
import { hostname } from "node:os"
import { Worker } from "node:worker_threads"
import { hold } from "../../../../src/experiment/run/lock.ts"
import { inTempFolder, withFiles } from "../../../support/files.ts"

/** A process that was there and is gone. */
const gone = () => spawnSync(process.execPath, ["--version"]).pid

const lockOf = (holder: object): string =>
  JSON.stringify({
    token: "of-a-test",
    pid: process.pid,
    host: hostname(),
    since: "2026-01-02T03:04:05.678Z",
    ...holder
  })

layer(NodeServices.layer)("the lock of a run", (it) => {
  /** What comes of holding a folder whose lock holds a text. */
  const over = (text: string) =>
    inTempFolder((folder) =>
      Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem
        yield* files.writeFileString(`${folder}/run.lock`, text)
        const result = yield* Effect.result(Effect.scoped(hold(folder)))
        if (Result.isFailure(result)) return result.failure.message.replaceAll(folder, "runs/x")
        assert.deepStrictEqual(yield* files.readDirectory(folder), [])
        return "taken"
      })
    )

  it.effect("is held by one at a time, until its Scope ends", () =>
    inTempFolder((folder) =>
      Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem
        yield* Effect.scoped(Effect.gen(function*() {
          yield* hold(folder)
          const error = yield* Effect.flip(Effect.scoped(hold(folder)))
          assert.instanceOf(error, Errors.RunBusy)
          assert.deepInclude(error.holder, { pid: process.pid, host: hostname() })
          assert.include(error.message, `${folder} is being written by process ${process.pid} on ${hostname()} since `)
          assert.deepStrictEqual(yield* files.readDirectory(folder), ["run.lock"])
        }))
        assert.deepStrictEqual(yield* files.readDirectory(folder), [])
        yield* Effect.scoped(hold(folder))
      })
    ))

  it.effect("is not kept by a process that is gone, or whose number another one has by now", () =>
    Effect.gen(function*() {
      assert.strictEqual(yield* over(lockOf({ pid: gone() })), "taken")
      const isLinux = yield* (yield* FileSystem.FileSystem).exists("/proc/self/stat")
      if (isLinux) assert.strictEqual(yield* over(lockOf({ start: "another-boot 12" })), "taken")
      // A process that is there, and this one, of which nobody holds it.
      assert.match(yield* over(lockOf({ pid: process.ppid })), /^runs\/x is being written by process \d+ on /)
      if (isLinux && "locks" in navigator) {
        const [boot, stat] = ["/proc/sys/kernel/random/boot_id", "/proc/self/stat"].map((path) =>
          readFileSync(path, "utf8")
        )
        const start = `${boot!.trim()} ${stat!.slice(stat!.lastIndexOf(")") + 2).split(" ")[19]}`
        assert.strictEqual(yield* over(lockOf({ start })), "taken")
      }
    }))

  it.effect("is not kept by a thread that is gone", () =>
    inTempFolder((folder) =>
      Effect.gen(function*() {
        if (!("locks" in navigator)) return
        const worker = new Worker(new URL("holds.ts", import.meta.url), { argv: [folder] })
        yield* Effect.promise(() => new Promise((resolve) => worker.once("message", resolve)))
        const error = yield* Effect.flip(Effect.scoped(hold(folder)))
        assert.include(error.message, `is being written by process ${process.pid} on`)
        yield* Effect.promise(() => worker.terminate())
        yield* Effect.scoped(hold(folder))
      })
    ))

  it.effect("is kept by one of another machine, and by one that it does not name, which the error says", () =>
    Effect.gen(function*() {
      assert.strictEqual(
        yield* over(lockOf({ pid: gone(), host: "elsewhere" })).pipe(
          Effect.map((text) => text.replace(/\d+ on/, "1 on"))
        ),
        "runs/x is being written by process 1 on elsewhere since 2026-01-02T03:04:05.678Z; " +
          "if that is gone, remove runs/x/run.lock"
      )
      const pids = [0, -1, 1.5, 1e300, 2 ** 31, null].map((pid) => lockOf({ pid }))
      for (
        const text of [
          "",
          "{",
          "null",
          "3",
          lockOf({ pid: "1" }),
          lockOf({ token: "../x" }),
          lockOf({ host: 3 }),
          ...pids
        ]
      ) {
        assert.strictEqual(
          yield* over(text),
          "runs/x is being written by a process that its lock does not name; if that is gone, remove runs/x/run.lock"
        )
      }
    }))

  it.effect("of a process that is gone is taken over by one of many", () =>
    inTempFolder((folder) =>
      Effect.gen(function*() {
        const files = yield* FileSystem.FileSystem
        for (let round = 0; round < 5; round++) {
          yield* files.writeFileString(`${folder}/run.lock`, lockOf({ pid: gone(), token: `first-${round}` }))
          // One that was killed while it took the lock over.
          if (round % 2 === 1) {
            yield* files.writeFileString(`${folder}/run.lock.first-${round}`, lockOf({ pid: gone(), token: "second" }))
          }
          const held = yield* Effect.scoped(Effect.gen(function*() {
            const all = yield* Effect.all(Array.from({ length: 12 }, () => Effect.exit(hold(folder))), {
              concurrency: "unbounded"
            })
            return all.filter(Exit.isSuccess).length
          }))
          assert.strictEqual(held, 1)
          assert.deepStrictEqual(yield* files.readDirectory(folder), [])
        }
      })
    ))

  it.effect("works where a file cannot have two names, and says when it cannot be written", () =>
    inTempFolder((folder) =>
      Effect.gen(function*() {
        const error = (_tag: "PermissionDenied" | "Unknown") =>
          PlatformError.systemError({ _tag, module: "FileSystem", method: "link" })
        const without = withFiles(() => ({ link: () => Effect.fail(error("PermissionDenied")) }))
        yield* Effect.scoped(Effect.gen(function*() {
          yield* hold(folder)
          assert.strictEqual((yield* Effect.flip(Effect.scoped(hold(folder))))._tag, "RunBusy")
        })).pipe(without)
        const full = withFiles(() => ({ open: () => Effect.fail(error("Unknown")) }))
        const failure = yield* Effect.flip(Effect.scoped(hold(folder)).pipe(full))
        assert.match(failure.message, /run\.lock: expected a file to write, found /)
      })
    ))
})
