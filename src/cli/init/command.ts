import { version_core } from "@tensorflow/tfjs-core"
import { Console, Effect, FileSystem, Path, Stream } from "effect"
import { Argument, Command } from "effect/cli"
import { fileError, writeBytes } from "../../core/files.ts"
import { version } from "../../core/version.ts"
import { called } from "../called.ts"
import { verbose } from "../flags.ts"
import { UsageError } from "../UsageError.ts"
import { nextCommands } from "./next.ts"
import { packageOf, template } from "./template.ts"

const written = (path: string, text: string) => writeBytes(path, Stream.succeed(new TextEncoder().encode(text)))

/** A name as packages may have one. */
const packageName = (folder: string): string =>
  folder.toLowerCase().replaceAll(/[^a-z0-9-]+/g, "-").replaceAll(/^-+|-+$/g, "") || "experiment"

/** Whether a package says that its files are modules; of what is no JSON other programs complain. */
const isOfModules = (manifest: string): boolean => {
  try {
    return (JSON.parse(manifest) as { readonly type?: unknown } | null)?.type === "module"
  } catch {
    return true
  }
}

/** Writes a small experiment of one's own into a folder, and leaves what is there alone. */
const init = ({ folder }: { readonly folder: string }) =>
  Effect.gen(function*() {
    const files = yield* FileSystem.FileSystem, { basename, dirname, join, resolve } = yield* Path.Path
    const toError = fileError(folder, "a folder to write to")
    yield* Effect.mapError(files.makeDirectory(folder, { recursive: true }), toError)
    for (const name of Object.keys(template)) {
      if (yield* Effect.mapError(files.exists(join(folder, name)), toError)) {
        return yield* new UsageError({ message: `${join(folder, name)} is there already: choose another folder` })
      }
    }
    for (const [name, text] of Object.entries(template)) yield* written(join(folder, name), text)
    const isThere = (...path: ReadonlyArray<string>) => Effect.mapError(files.exists(join(...path)), toError)
    const manifest = join(folder, "package.json"), isPackage = yield* isThere(manifest)
    const peers = { "@tensorflow/tfjs-core": version_core, effect: "^4.1.0" }
    if (!isPackage) yield* written(manifest, packageOf(packageName(basename(resolve(folder))), version, peers))
    let home: string | undefined = resolve(folder)
    while (home !== undefined && !(yield* isThere(home, "node_modules", "effect-neuron"))) {
      home = dirname(home) === home ? undefined : dirname(home)
    }
    const place = {
      folder: resolve(folder) === resolve(".") ? undefined : folder,
      isOfModules: isPackage ? isOfModules(yield* Effect.mapError(files.readFileString(manifest), toError)) : undefined,
      home: home === resolve(folder) ? "." : home,
      hasVite: home !== undefined && (yield* isThere(home, "node_modules", "vite"))
    }
    const names = [...Object.keys(template), ...(isPackage ? [] : ["package.json"])].join(", ")
    const next = nextCommands(place, peers), width = Math.max(...next.map(([what]) => what.length)) + 2
    yield* Console.log([
      `wrote ${names}${place.folder === undefined ? "" : ` to ${folder}`}`,
      ...next.map(([what, command]) => `${what}:`.padEnd(width) + command)
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
