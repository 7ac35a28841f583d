import { Effect, Fiber, Stream } from "effect"
import { messageOf } from "../../../src/core/messageOf.ts"
import { client } from "../state/connection.ts"
import { currentRun } from "../state/runs.ts"
import { isWritten, noSamples, samplesOf } from "../state/samples.ts"
import { session } from "../state/session.ts"
import { makeStore } from "../state/store.ts"

/** What a person has written, how the model has gone on with it, and how it is to. */
export const writing = makeStore<{
  /** Nothing as long as nobody has written anything. */
  readonly prompt: string | undefined
  readonly gone: string
  readonly isGoing: boolean
  /** Why it has stopped, if not by itself. */
  readonly problem: string
  readonly temperature: number
  readonly length: number
}>({ prompt: undefined, gone: "", isGoing: false, problem: "", temperature: 0.8, length: 200 })

/** What the model goes on with: what was written, or some words of what it goes on with by itself. */
export const promptNow = (): string => {
  const [first] = samplesOf(currentRun()?.samples ?? noSamples(), isWritten).made
  // The first of them may be half a word.
  return writing.get().prompt ?? first?.prompt.replace(/^\S*\s+(?=\S)/u, "") ?? ""
}

let fiber: Fiber.Fiber<unknown> | undefined, seed = 0

/** Ends the text where it is. */
export const stopWriting = (): void => {
  const before = fiber
  fiber = undefined
  writing.set({ isGoing: false })
  if (before !== undefined) void Effect.runPromise(Fiber.interrupt(before))
}

/** Has the model go on with a text: from its end, or from what a person has written, each time otherwise. */
export const goOn = (from: "end" | "prompt"): void => {
  const worker = session.get().isLoaded ? client() : undefined, prompt = promptNow()
  stopWriting()
  if (worker === undefined || prompt === "") return
  const { gone, length, temperature } = writing.get(), before = from === "end" ? gone : ""
  writing.set({ prompt, gone: before, isGoing: true, problem: "" })
  seed += 1
  const own: Fiber.Fiber<unknown> = Effect.runFork(
    worker.generate({ prompt: prompt + before, length, temperature, seed }).pipe(
      Stream.runForEachArray((parts) =>
        Effect.sync(() => {
          if (fiber === own) writing.set({ gone: writing.get().gone + parts.map(({ text }) => text).join("") })
        })
      ),
      Effect.match({
        onSuccess: () => "",
        onFailure: messageOf
      }),
      Effect.map((problem) => {
        if (fiber === own) writing.set({ isGoing: false, problem })
      })
    )
  )
  fiber = own
}
