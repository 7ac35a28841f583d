import { Effect } from "effect"
import { spawn } from "node:child_process"
import { createInterface } from "node:readline"
import type { Failure } from "./answers.ts"

/** A process that answers lines with lines of JSON, and waits in between. */
export interface Answering {
  readonly ask: <A>(line: string) => Effect.Effect<A | Failure>
}

export const hasFailed = (answer: object): answer is Failure => "failed" in answer

const PATIENCE_SECONDS = 120

/**
 * Starts a process, which ends with the Scope. Its first line says that it is ready. One that ends, or that takes too
 * long for an answer, has failed.
 */
export const start = <A extends object>(
  command: string,
  args: ReadonlyArray<string>,
  options: { readonly env?: NodeJS.ProcessEnv; readonly quiet?: boolean } = {}
) =>
  Effect.gen(function*() {
    const { env = process.env, quiet = false } = options
    const child = yield* Effect.acquireRelease(
      Effect.sync(() => spawn(command, args, { stdio: ["pipe", "pipe", quiet ? "ignore" : "inherit"], env })),
      (child) => Effect.sync(() => child.kill("SIGKILL"))
    )
    const ended = new Promise<Failure>((resolve) => {
      child.on("error", ({ message }) => resolve({ failed: message }))
      child.on("close", (code, signal) => resolve({ failed: `the process ended with ${signal ?? code}` }))
      child.stdin.on("error", () => {})
    })
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
    const read = async <B>(): Promise<B | Failure> => {
      const { done, value } = await lines.next()
      return done === true ? ended : JSON.parse(value) as B
    }
    const answer = async <B>(): Promise<B | Failure> => {
      let timer: NodeJS.Timeout | undefined
      const late = new Promise<Failure>((resolve) => {
        timer = setTimeout(() => resolve({ failed: `no answer in ${PATIENCE_SECONDS} s` }), 1000 * PATIENCE_SECONDS)
      })
      try {
        return await Promise.race([read<B>(), ended, late])
      } catch (cause) {
        return { failed: String(cause) }
      } finally {
        clearTimeout(timer)
      }
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
