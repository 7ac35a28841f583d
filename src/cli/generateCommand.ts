import { Command, Flag } from "effect/cli"
import type { Limits } from "../experiment/limits.ts"
import { called } from "./called.ts"
import * as flags from "./flags.ts"
import { generate } from "./generate.ts"
import { numberFlag } from "./numberFlag.ts"

const { backend, json, natural, positive, run, threads, verbose } = flags

const number = (name: string, limits: Omit<Limits, "type">, text: string, otherwise: number) =>
  numberFlag(name, { type: "number", ...limits }).pipe(
    Flag.withDescription(`${text} (default: ${otherwise})`),
    Flag.withDefault(otherwise)
  )

/** `generate`: goes on with a text. */
export const generateCommand = Command.make("generate", {
  run,
  prompt: Flag.String("prompt").pipe(
    Flag.withAlias("p"),
    Flag.withMetavar("TEXT"),
    Flag.withDescription("What it goes on with (default: the beginning of a line)"),
    Flag.withDefault("\n")
  ),
  length: positive("length").pipe(
    Flag.withAlias("n"),
    Flag.withMetavar("TOKENS"),
    Flag.withDescription("How many tokens are added at most (default: 300)"),
    Flag.withDefault(300)
  ),
  temperature: number(
    "temperature",
    { minimum: 0 },
    "Below 1 likely tokens become likelier; 0 takes the likeliest each time",
    0.8
  ),
  topK: positive("top-k").pipe(
    Flag.withDescription("Choose from so many of the likeliest tokens (default: all)"),
    Flag.optional
  ),
  topP: number(
    "top-p",
    { exclusiveMinimum: 0, maximum: 1 },
    "Choose from the likeliest tokens that have this probability together",
    1
  ),
  repetitionPenalty: number(
    "repetition-penalty",
    { exclusiveMinimum: 0 },
    "What scores of tokens that were there before are divided by",
    1
  ),
  stop: Flag.String("stop").pipe(
    Flag.withMetavar("TEXT"),
    Flag.withDescription("End at this text; may be given several times"),
    Flag.atLeast(0)
  ),
  beams: positive("beams").pipe(
    Flag.withDescription(
      "Search for the likeliest texts with so many beside each other, and print them; nothing is drawn then"
    ),
    Flag.optional
  ),
  seed: natural("seed").pipe(
    Flag.withDescription("Another text for another seed (default: 0)"),
    Flag.withDefault(0)
  ),
  ...{ backend, threads, json, verbose }
}, generate).pipe(
  Command.withDescription("Go on with a text, by the language model of a run"),
  Command.withExamples([
    { command: called("effect-neuron generate runs/gpt --prompt 'There was once'"), description: "A story" },
    {
      command: called("effect-neuron generate runs/gpt --prompt 'There was once' --beams 4 --length 40"),
      description: "The likeliest ones"
    }
  ])
)
