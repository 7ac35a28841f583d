import { NodeServices } from "@effect/platform-node"
import { Effect } from "effect"
import { parentPort } from "node:worker_threads"
import { hold } from "../../../../src/experiment/run/lock.ts"

// A worker that holds the run in a folder until it is ended, and says when it does.
const program = Effect.gen(function*() {
  yield* hold(process.argv[2]!)
  parentPort!.postMessage("holds")
  return yield* Effect.never
})
// It has nothing else to do, and would end by itself.
setInterval(() => {}, 1000)
Effect.runFork(program.pipe(Effect.scoped, Effect.provide(NodeServices.layer)))
