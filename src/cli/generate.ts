import { Console, Effect, Option, Path, Stdio, Stream, Terminal } from "effect"
import * as Checkpoint from "../checkpoint/index.ts"
import * as Key from "../core/Key.ts"
import type { Tree } from "../core/Tree.ts"
import { ofMetadata } from "../experiment/reference.ts"
import { kinds } from "../layers/kinds.ts"
import type { Layer } from "../layers/Layer.ts"
import { beamSearch } from "../text/beamSearch.ts"
import { generate as goOn } from "../text/generate.ts"
import { tokenizerIn } from "../text/inFile.ts"
import { backendLayer } from "./backend.ts"
import type { Computing } from "./openRun.ts"
import { UsageError } from "./UsageError.ts"

/** What `generate` is asked for. */
export interface GenerateOptions extends Omit<Computing, "experiment"> {
  readonly run: string
  readonly prompt: string
  readonly length: number
  readonly temperature: number
  readonly topK: Option.Option<number>
  readonly topP: number
  readonly repetitionPenalty: number
  readonly stop: ReadonlyArray<string>
  readonly beams: Option.Option<number>
  readonly seed: number
  readonly json: boolean
}

/** The checkpoint that a path means: itself, or the newest one of a folder. */
const fileOf = (path: string) =>
  Effect.gen(function*() {
    if (path.endsWith(".safetensors")) return path
    const { join } = yield* Path.Path, [newest] = yield* Checkpoint.list(path)
    return newest?.path ?? join(path, Checkpoint.fileName)
  })

/** Shows a text as it comes: in a terminal at once, else line by line. */
const showing = Effect.gen(function*() {
  const terminal = yield* Terminal.Terminal, stdio = yield* Stdio.Stdio
  if (yield* stdio.stdoutIsTerminal) {
    return { show: (text: string) => Effect.ignore(terminal.display(text)), end: Effect.ignore(terminal.display("\n")) }
  }
  let rest = ""
  const show = (text: string) =>
    Effect.suspend(() => {
      const lines = (rest + text).split("\n")
      rest = lines.pop()!
      return Effect.forEach(lines, (line) => Console.log(line), { discard: true })
    })
  return { show, end: Effect.suspend(() => Console.log(rest)) }
})

/** Goes on with a text, by the checkpoint of a language model alone: neither its experiment nor its data are asked for. */
export const generate = (options: GenerateOptions) =>
  Effect.gen(function*() {
    const {
      backend,
      beams,
      json,
      length,
      prompt,
      repetitionPenalty,
      run,
      seed,
      stop,
      temperature,
      threads,
      topK,
      topP
    } = options
    const file = yield* fileOf(run), metadata = yield* Checkpoint.metadata(file)
    if (!Object.hasOwn(metadata, "tokenizer")) {
      return yield* new UsageError({ message: `${run}: expected a language model, found one without a tokenizer` })
    }
    const tokenizer = yield* Effect.fromResult(tokenizerIn(metadata))
    const chosen = Option.getOrElse(backend, () => ofMetadata(metadata)?.backend ?? "wasm")
    const common = { tokenizer, prompt, length, stop }
    yield* Effect.gen(function*() {
      const restored = yield* Checkpoint.model(file, { kinds }), { weights } = restored
      const model = restored.model as Layer<Tree, Tree>
      if (Option.isSome(beams)) {
        const found = yield* beamSearch(model, weights, { ...common, beams: beams.value })
        return yield* Effect.forEach(found, ({ score, text }) =>
          Console.log(
            json
              ? JSON.stringify({ run, checkpoint: file, prompt, text, score })
              : `${score.toFixed(3)}  ${JSON.stringify(text)}`
          ), { discard: true })
      }
      const tokens = goOn(model, weights, {
        ...{ ...common, temperature, topP, repetitionPenalty, key: Key.make(seed) },
        ...(Option.isSome(topK) ? { topK: topK.value } : {})
      }).pipe(Stream.map(({ text }) => text))
      if (json) {
        const text = yield* Stream.mkString(tokens)
        return yield* Console.log(JSON.stringify({ run, checkpoint: file, prompt, text, seed }))
      }
      const { end, show } = yield* showing
      yield* show(prompt)
      yield* Stream.runForEach(tokens, show)
      yield* end
    }).pipe(Effect.scoped, Effect.provide(backendLayer(chosen, threads)))
  }).pipe(
    // Options that are none, and models that cannot go on.
    Effect.catchDefect((defect) =>
      defect instanceof RangeError ? Effect.fail(new UsageError({ message: defect.message })) : Effect.die(defect)
    )
  )
