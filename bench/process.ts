import { Effect } from "effect"
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"

/** A process that answers lines with lines of JSON, and waits in between. */
export interface Answering {
  readonly ask: <A>(line: string) => Effect.Effect<A>
}

/** Starts a process, which ends with the Scope. Its first line says that it is ready. */
export const start = <A>(command: string, args: ReadonlyArray<string>, env: NodeJS.ProcessEnv = process.env) =>
  Effect.gen(function*() {
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => spawn(command, args, { stdio: ["pipe", "pipe", "inherit"], env })),
      (child) => Effect.sync(() => child.kill())
    )
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const answer = async <B>() => {
      const { done, value } = await lines.next()
      if (done === true) throw new Error(`${args.join(" ")} has ended`)
      return JSON.parse(value) as B
    }
    const answering: Answering = {
      ask: <B>(line: string) =>
        Effect.promise(() => {
          child.stdin.write(`${line}\n`)
          return answer<B>()
        })
    }
    return [yield* Effect.promise(() => answer<A>()), answering] as const
  })
