/**
 * Loaded before a program (`node --import`), has it die at its nth change of a file, which it says on standard error:
 * before the change is made, or, of bytes that are written, when half of them are. With 0 it says at the end how many
 * there were.
 */
import fs from "node:fs"
import { syncBuiltinESMExports } from "node:module"

const at = Number(process.env["DIES_AT"]), paths = new Map<number, string>()
let changes = 0

type Call = (...args: ReadonlyArray<unknown>) => unknown
const calls = fs as unknown as { [name: string]: Call }

const isPath = (u: unknown): u is string => typeof u === "string"

/** Whether a call changes a file of a run, which one, and what it would have written. */
const changed = (name: string, [target, second, third]: ReadonlyArray<unknown>): string | undefined => {
  const path = isPath(target) ? target : paths.get(target as number)
  if (path === undefined || (name === "open" && second === "r")) return undefined
  if (name === "writeFile" && !/[aw]/.test((third as { readonly flag?: string })?.flag ?? "w")) return undefined
  return path
}

for (const name of ["open", "write", "writeFile", "fsync", "rename", "link", "rm", "ftruncate"]) {
  const call = calls[name]!
  calls[name] = (...args) => {
    const path = changed(name, args)
    if (path === undefined) return call(...args)
    if (++changes === at) {
      const [target, bytes] = args
      if (name === "write" || name === "writeFile") {
        const half = (bytes as Uint8Array).subarray(0, (bytes as Uint8Array).length / 2)
        if (name === "write") fs.writeSync(target as number, half)
        else fs.appendFileSync(target as string, half)
      }
      fs.writeSync(2, `dies at ${name} of ${path}\n`)
      process.kill(process.pid, "SIGKILL")
    }
    if (name !== "open") return call(...args)
    const done = args.at(-1) as Call
    return call(...args.slice(0, -1), (error: unknown, descriptor: number) => {
      if (error === null) paths.set(descriptor, path)
      done(error, descriptor)
    })
  }
}
syncBuiltinESMExports()
if (at === 0) process.on("exit", () => fs.writeSync(2, `${changes} changes of files\n`))
