import { called, quoted } from "../called.ts"

/** What is known of the folder that an experiment was written to. */
export interface Place {
  /** As it was given; none for the folder that the command runs in. */
  readonly folder: string | undefined
  /** Whether the package there is of modules; none where `init` has written it. */
  readonly isOfModules: boolean | undefined
  /** The folder in which effect-neuron is installed, this one, `.`, or one above: where Vite is looked for too. */
  readonly home: string | undefined
  /** Whether Vite is installed there, which bundles experiments for the page. */
  readonly hasVite: boolean
}

/** What to type next, in its order: a word and a command each. */
export const nextCommands = (
  { folder, hasVite, home, isOfModules }: Place,
  peers: { readonly [name: string]: string }
): ReadonlyArray<readonly [what: string, command: string]> => {
  const run = called("effect-neuron"), into = home === undefined || home === "." ? "" : ` --prefix ${quoted(home)}`
  const needed = ["effect-neuron", "effect", `@tensorflow/tfjs-core@${peers["@tensorflow/tfjs-core"]}`, "vite@8"]
  return [
    ...(folder === undefined ? [] : [["go there", `cd ${quoted(folder)}`] as const]),
    // Else a file with imports is no module.
    ...(isOfModules === false ? [["first", "npm pkg set type=module"] as const] : []),
    ...(home === undefined
      ? [["install", isOfModules === undefined ? "npm install" : `npm install ${needed.join(" ")}`] as const]
      : []),
    ["train", `${run} train experiment.ts --hidden 64`],
    ["test", "node --test"],
    ["predict", `${run} predict runs/… points.csv`],
    ...(home === undefined || hasVite ? [] : [["for the page", `npm install -D vite@8${into}`] as const]),
    ["look at it", `${run} dashboard experiment.ts`]
  ]
}
