import { DateTime, Effect, FileSystem } from "effect"
import { isFree } from "./webLocks.ts"

/** A process that writes a run, as its lock says it. */
export interface Holder {
  /** Another one each time that a lock is taken. */
  readonly token: string
  readonly pid: number
  readonly host: string
  /** When it began, as the system counts: numbers of processes are used again. Absent where the system does not say. */
  readonly start?: string
  /** When it took the lock, in ISO 8601. */
  readonly since: string
}

/** The process of Node that this is, if it is one. */
const node = (): NodeJS.Process | undefined => {
  const { process } = globalThis as { readonly process?: NodeJS.Process }
  return typeof process?.pid === "number" && typeof process.getBuiltinModule === "function" ? process : undefined
}

/** Whether this is a process that others can find. Pages and their workers are none. */
export const isProcess = (): boolean => node() !== undefined

const textOf = (path: string) =>
  Effect.flatMap(FileSystem.FileSystem, (files) => Effect.orElseSucceed(files.readFileString(path), () => undefined))

/** What Linux says of a process: which one it is among all of its number, and whether it has ended. */
const seen = (pid: number): Effect.Effect<
  { readonly start: string; readonly ended: boolean } | undefined,
  never,
  FileSystem.FileSystem
> =>
  Effect.gen(function*() {
    const boot = yield* textOf("/proc/sys/kernel/random/boot_id"), stat = yield* textOf(`/proc/${pid}/stat`)
    // The name of the program, in parentheses, may hold anything.
    const [state, ...fields] = stat?.slice(stat.lastIndexOf(")") + 2).split(" ") ?? []
    const ticks = fields[18]
    if (boot === undefined || ticks === undefined) return undefined
    return { start: `${boot.trim()} ${ticks}`, ended: state === "Z" || state === "X" }
  })

/** This process, as it takes a lock. */
export const self: Effect.Effect<Holder, never, FileSystem.FileSystem> = Effect.gen(function*() {
  const process = node(), pid = process?.pid ?? 0, found = yield* seen(pid)
  return {
    token: globalThis.crypto.randomUUID(),
    pid,
    host: process?.getBuiltinModule("node:os").hostname() ?? "",
    ...(found === undefined ? {} : { start: found.start }),
    since: DateTime.formatIso(yield* DateTime.now)
  }
})

/** Whether a process of this machine is there, be it another's. */
const exists = (pid: number): boolean => {
  try {
    return node()?.kill(pid, 0) ?? true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH"
  }
}

/** The name of what the thread of a holder holds as long as it is there. */
export const nameOf = ({ token }: Holder): string => `effect-neuron run ${token}`

/**
 * Whether the process that took a lock is gone, or the thread of this process. Of one on another machine nobody can
 * say, so that it is not.
 */
export const isGone = (holder: Holder, own: Holder): Effect.Effect<boolean, never, FileSystem.FileSystem> =>
  Effect.gen(function*() {
    if (holder.host !== own.host) return false
    if (!exists(holder.pid)) return true
    if (holder.pid === own.pid && holder.start === own.start) return yield* isFree(nameOf(holder))
    if (holder.start === undefined || own.start === undefined) return false
    const found = yield* seen(holder.pid)
    return found === undefined || found.ended || found.start !== holder.start
  })

// Others, 0 and negative ones, mean groups of processes.
const isPid = (pid: unknown): pid is number => Number.isInteger(pid) && (pid as number) > 0 && (pid as number) < 2 ** 31

/** The holder that the text of a lock names. */
export const parseHolder = (text: string): Holder | undefined => {
  try {
    const { host, pid, since, start, token } = JSON.parse(text) as { readonly [name: string]: unknown }
    if (typeof token !== "string" || !/^[\w-]{1,64}$/.test(token)) return undefined
    if (!isPid(pid) || typeof host !== "string" || typeof since !== "string") return undefined
    return { token, pid, host, since, ...(typeof start === "string" ? { start } : {}) }
  } catch {
    return undefined
  }
}
