import { createInterface } from "node:readline"

/** Milliseconds per step: by the clock on the wall, and of the processor for what trains. */
export type Sample = { readonly wall: number; readonly cpu: number }

/** Why there is nothing to measure. */
export type Failure = { readonly failed: string }

export const answer = (value: object) => process.stdout.write(`${JSON.stringify(value)}\n`)

/** Answers each number of steps that comes in as a line with what `sample` makes of it, until the input ends. */
export const answerLines = async (sample: (steps: number) => Promise<object>) => {
  for await (const line of createInterface({ input: process.stdin })) answer(await sample(Number(line)))
}
