import { cpSync, globSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from "node:fs"
import { tmpdir } from "node:os"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import type { TestProject } from "vitest/node"
import { buildPage } from "../../dashboard/build.ts"
import { run } from "./run.ts"

const root = fileURLToPath(new URL("../..", import.meta.url)), installed = join(root, "node_modules")

declare module "vitest" {
  interface ProvidedContext {
    /** A folder whose `node_modules` hold the packed package, and what it declares to need, and nothing else. */
    readonly consumer: string
  }
}

/** Packs the package once for all tests of it, and unpacks it beside what it needs. */
export const setup = async (project: TestProject) => {
  const folder = mkdtempSync(join(tmpdir(), "effect-neuron-pack-")), copy = join(folder, "copy")
  const consumer = join(folder, "consumer"), own = join(consumer, "node_modules"), unpacked = join(own, "effect-neuron")
  // Built and packed in a copy: a build in the project's own `dist` would be another's while it is being replaced.
  await buildPage()
  mkdirSync(copy)
  const { files } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as { files: ReadonlyArray<string> }
  const kept = files.filter((part) => part !== "dist")
  for (const part of ["LICENSE", "README.md", "package.json", "tsconfig.json", "tsconfig.build.json", ...kept]) {
    cpSync(join(root, part), join(copy, part), { recursive: true })
  }
  symlinkSync(installed, join(copy, "node_modules"), "junction")
  await run(copy, process.execPath, join(installed, "typescript/bin/tsc"), "-p", "tsconfig.build.json")
  await run(copy, "npm", "pack", "--ignore-scripts", "--loglevel=error", "--pack-destination", folder)
  mkdirSync(unpacked, { recursive: true })
  await run(unpacked, "tar", "-xzf", globSync(join(folder, "*.tgz"))[0]!, "--strip-components=1")

  const { dependencies, peerDependencies } = JSON.parse(readFileSync(join(unpacked, "package.json"), "utf8"))
  for (const name of Object.keys({ ...dependencies, ...peerDependencies })) {
    const link = join(own, name)
    mkdirSync(dirname(link), { recursive: true })
    symlinkSync(join(installed, name), link, "junction")
  }
  project.provide("consumer", consumer)
  return () => rmSync(folder, { recursive: true, force: true })
}
