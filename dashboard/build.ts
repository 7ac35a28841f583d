import { readdir, rename, rm, stat } from "node:fs/promises"
import { join } from "node:path"
import { fileURLToPath } from "node:url"

const here = fileURLToPath(new URL(".", import.meta.url))

/** The folder of the built page. */
export const page = join(here, "dist")

const newest = async (path: string): Promise<number> => {
  const entries = await readdir(path, { recursive: true, withFileTypes: true })
  const times = await Promise.all(
    entries.filter((entry) => entry.isFile()).map(async (entry) =>
      (await stat(join(entry.parentPath, entry.name))).mtimeMs
    )
  )
  return Math.max(0, ...times)
}

/** Whether the built page is younger than all that it is made of. */
const isFresh = async (): Promise<boolean> => {
  try {
    const { mtimeMs } = await stat(join(page, "index.html"))
    const sources = await Promise.all(
      [join(here, "app"), join(here, "public"), join(here, "..", "src")].map(newest)
    )
    const files = await Promise.all(
      ["index.html", "vite.config.ts", "../package-lock.json"].map(async (file) =>
        (await stat(join(here, file))).mtimeMs
      )
    )
    return Math.max(...sources, ...files) < mtimeMs
  } catch {
    return false
  }
}

/** Puts a folder in the place of the built page. */
const putInPlace = async (built: string): Promise<void> => {
  const before = `${built}-before`
  await rename(page, before).catch(() => undefined)
  await rename(built, page).catch(() => undefined)
  await rm(before, { recursive: true, force: true })
}

/** Builds the page if something of it has changed; says whether it did. */
export const buildPage = async ({ force = false } = {}): Promise<boolean> => {
  if (!force && await isFresh()) return false
  // Node alone does not need it: it takes a second to load.
  const { build } = await import("vite")
  const outDir = join(here, "..", ".cache", `page-${process.pid}`)
  await build({ configFile: join(here, "vite.config.ts"), logLevel: "warn", build: { outDir } })
  // Another process may have built it meanwhile, and serve it.
  if (force || !(await isFresh())) await putInPlace(outDir)
  await rm(outDir, { recursive: true, force: true })
  return true
}
