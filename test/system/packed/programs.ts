import { readFileSync } from "node:fs"

/** The first program in the README, which is the one that readers try. */
export const readmeProgram = (): string => {
  const fence = /^```ts\n([\s\S]*?)^```/m.exec(readFileSync(new URL("../../../README.md", import.meta.url), "utf8"))
  if (fence === null) throw new Error("README.md: expected a program in a fence marked ts")
  return fence[1]!
}

/** A program that takes every entry, and finds each namespace to be what the subpath of its name gives. */
export const subpaths = async (): Promise<string> => {
  const namespaces = Object.keys(await import("effect-neuron"))
  return [
    `import * as Library from "effect-neuron"`,
    `import { Cli, layer, runMain } from "effect-neuron/node"`,
    `import * as Remote from "effect-neuron/remote"`,
    `import * as RemoteBrowser from "effect-neuron/remote/browser"`,
    `import * as RemoteNode from "effect-neuron/remote/node"`,
    ...namespaces.map((name) => `import * as ${name} from "effect-neuron/${name}"`),
    `const same: typeof Library = { ${namespaces.join(", ")} }`,
    `for (const [name, namespace] of Object.entries(Library)) {`,
    `  if (namespace !== same[name as keyof typeof same]) throw new Error(name)`,
    `}`,
    `if (Cli.command.name !== "effect-neuron" || layer === undefined || runMain === undefined) throw new Error("node")`,
    `if (Remote.connect === undefined || RemoteBrowser.layerRunner === undefined) throw new Error("remote")`,
    `if (RemoteNode.layerRunner === undefined) throw new Error("remote/node")`
  ].join("\n")
}
