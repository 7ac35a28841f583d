import { assert, describe, it } from "@effect/vitest"
import { Console, Effect, Stream } from "effect"
import { Report } from "effect-neuron"

describe("Report.line", () => {
  it.effect("prints each element on a line, numbers with four digits", () =>
    Effect.gen(function*() {
      const lines: Array<string> = []
      const recorded = { ...globalThis.console, log: (text: string) => lines.push(text) } as unknown as Console.Console
      yield* Stream.make(
        { step: 938, endOfEpoch: true, loss: 0.040612, accuracy: 1 },
        { step: 939, endOfEpoch: false, loss: 12.34567, accuracy: NaN, validation: { loss: 0.5, parts: [1, 2] } }
      ).pipe(Stream.runForEach(Report.line), Effect.provideService(Console.Console, recorded))
      assert.deepStrictEqual(lines, [
        "step 938  endOfEpoch true  loss 0.04061  accuracy 1",
        "step 939  endOfEpoch false  loss 12.35  accuracy NaN  validation.loss 0.5000  validation.parts 1,2"
      ])
    }))
})
