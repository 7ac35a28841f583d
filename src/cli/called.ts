import { Context } from "effect"

/** How this program is called, by the script that Node was started with: the command of a clone, or of a package. */
export const calledBy = (script: string = ""): string => {
  const path = script.replaceAll("\\", "/")
  if (path.endsWith("/src/cli/main.ts")) return "npm run cli --"
  // The package's own file, or the link to it that only npx finds; a package that is installed globally is on the path.
  return /\/node_modules\/(?:\.bin\/effect-neuron$|effect-neuron\/)/.test(path) ? "npx effect-neuron" : "effect-neuron"
}

/** A command, `effect-neuron train …`, as it is to be typed where this program runs. */
export const called = (command: string): string =>
  command.replace(/^effect-neuron/, calledBy(globalThis.process?.argv[1]))

/** The arguments that the command line was given. */
export const Arguments = Context.Reference<ReadonlyArray<string>>("effect-neuron/cli/Arguments", {
  defaultValue: () => []
})

/** An argument as a shell takes it for one. */
export const quoted = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`
