import { version_core } from "@tensorflow/tfjs-core"
import { Console, Effect, FileSystem, Path, Stream } from "effect"
import { Argument, Command } from "effect/cli"
import { fileError, writeBytes } from "../../core/files.ts"
import { version } from "../../core/version.ts"
import { called, quoted } from "../called.ts"
import { verbose } from "../flags.ts"
import { UsageError } from "../UsageError.ts"
import { packageOf, template } from "./template.ts"

const written = (path: string, text: string) => writeBytes(path, Stream.succeed(new TextEncoder().encode(text)))

/** A name as packages may have one. */
const packageName = (folder: string): string =>
  folder.toLowerCase().replaceAll(/[^a-z0-9-]+/g, "-").replaceAll(/^-+|-+$/g, "") || "experiment"

/** Writes a small experiment of one's own into a folder, and leaves what is there alone. */
const init = ({ folder }: { readonly folder: string }) =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem, { basename, join, resolve } = yield* Path.Path
    const toError = fileError(folder, "a folder to write to")
    yield* Effect.mapError(files.makeDirectory(folder, { recursive: true }), toError)
    for (const name of Object.keys(template)) {
      if (yield* Effect.mapError(files.exists(join(folder, name)), toError)) {
        return yield* new UsageError({ message: `${join(folder, name)} is there already: choose another folder` })
      }
    }
    for (const [name, text] of Object.entries(template)) yield* written(join(folder, name), text)
    const manifest = join(folder, "package.json"), names = Object.keys(template)
    const isPackage = yield* Effect.mapError(files.exists(manifest), toError)
    if (!isPackage) {
      const peers = { "@tensorflow/tfjs-core": version_core, effect: "^4.1.0" }
      yield* written(manifest, packageOf(packageName(basename(resolve(folder))), version, peers))
      names.push("package.json")
    }
    const isHere = resolve(folder) === resolve("."), run = called("effect-neuron")
    yield* Console.log([
      `wrote ${names.join(", ")}${isHere ? "" : ` to ${folder}`}`,
      ...(isHere ? [] : [`go there:   cd ${quoted(folder)}`]),
      ...(isPackage ? [] : ["install:    npm install"]),
      `train:      ${run} train experiment.ts --hidden 64`,
      "test:       node --test",
      `predict:    ${run} predict runs/… rows.csv`,
      `look at it: ${run} dashboard experiment.ts`
    ].join("\n"))
  })

/** `init`. */
export const initCommand = Command.make("init", {
  folder: Argument.String("folder").pipe(
    Argument.withDescription("The folder that it is written to (default: this one)"),
    Argument.withDefault(".")
  ),
  verbose
}, init).pipe(
  Command.withDescription("Write a small experiment of your own, with a test, ready to run"),
  Command.withExamples([{
    command: called("effect-neuron init my-experiment"),
    description: "Into a new folder"
  }])
)
