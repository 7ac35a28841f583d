import { mkdir, rm, stat, writeFile } from "node:fs/promises"
import { tmpdir } from "node:os"
import { basename, join, resolve } from "node:path"
import { stripVTControlCharacters } from "node:util"
import { alias, root } from "./ownPackage.ts"

/** A worker that has experiments of one's own: the folder that it was bundled into, and its file there. */
export interface OwnWorker {
  readonly folder: string
  readonly file: string
}

// The name under which a bundle has the worker.
const NAME = "experiments-worker"

const text = (value: string): string => JSON.stringify(value)

/** A file, and which of its experiments is meant where one is named: `my.ts#small`. */
const meantBy = (reference: string): { readonly file: string; readonly only: string | undefined } => {
  const [file = "", only] = reference.split("#")
  return { file, only: only === "" ? undefined : only }
}

/** The program of a worker that serves the experiments of files, which it loads when it starts. */
export const programOf = (references: ReadonlyArray<string>): string => {
  const files = references.map(meantBy).map(({ file, only }) =>
    `{ name: ${text(basename(file))}, load: () => import(${text(resolve(file))})${
      only === undefined ? "" : `, only: ${text(only)}`
    } }`
  )
  return `import { serve } from ${text(join(root, "dashboard", "app", "training", "serve.ts"))}\n` +
    `void serve([${files.join(", ")}])\n`
}

const missing = async (references: ReadonlyArray<string>): Promise<string | undefined> => {
  for (const { file } of references.map(meantBy)) {
    const found = await stat(file).catch(() => undefined)
    if (found?.isFile() !== true) return `${file}: no such file`
  }
  return undefined
}

/** What a bundler says of a failure, without its colors and what it says of itself. */
const reasonOf = (cause: unknown): string =>
  stripVTControlCharacters(cause instanceof Error ? cause.message : String(cause))
    .split("\n").filter((line) => !/^\s*at |^Build failed with/.test(line)).join("\n").trim()

/**
 * Bundles a worker with the experiments that files export, as the page's own worker is bundled: what they import of
 * `effect-neuron` is this package, of which there is one; of `my.ts#small` the one experiment alone. Gives a sentence
 * where that is not to be done.
 */
export const buildWorker = async (
  files: ReadonlyArray<string>
): Promise<OwnWorker | { readonly problem: string }> => {
  const absent = await missing(files)
  if (absent !== undefined) return { problem: absent }
  const made = join(tmpdir(), `effect-neuron-dashboard-${process.pid}`), folder = join(made, "built")
  try {
    await mkdir(made, { recursive: true })
    await writeFile(join(made, `${NAME}.ts`), programOf(files))
    await writeFile(join(made, "entry.ts"), `export { default } from "./${NAME}.ts?worker&url"\n`)
    const vite = await import("vite").catch(() => undefined)
    if (vite === undefined) return { problem: "Vite, which bundles experiments, is not installed: npm install vite" }
    const { build } = vite
    const { output } = await build({
      configFile: false,
      root: join(root, "dashboard"),
      base: "./",
      logLevel: "silent",
      publicDir: false,
      // One of each, whoever imports them, from wherever.
      resolve: { alias, dedupe: ["effect", "@tensorflow/tfjs-core"] },
      worker: { format: "es" },
      build: {
        target: "es2022",
        assetsInlineLimit: 0,
        emptyOutDir: true,
        outDir: folder,
        minify: false,
        rolldownOptions: { input: join(made, "entry.ts"), preserveEntrySignatures: "strict" }
      }
    }) as { readonly output: ReadonlyArray<{ readonly fileName: string }> }
    const file = output.map(({ fileName }) => fileName).find((name) => basename(name).startsWith(NAME))
    return file === undefined ? { problem: "the bundle has no worker" } : { folder, file }
  } catch (cause) {
    return { problem: `${files.join(", ")} cannot be bundled.\n${reasonOf(cause)}` }
  }
}

/** Removes what was bundled. */
export const removeWorker = (): Promise<void> =>
  rm(join(tmpdir(), `effect-neuron-dashboard-${process.pid}`), { recursive: true, force: true })
