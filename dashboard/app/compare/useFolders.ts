import { useEffect, useState } from "preact/hooks"
import type { RunFolder } from "../../../src/cli/dashboard/runFolders.ts"
import { about, askAbout, listFolders } from "../state/server.ts"

const EVERY = 2000

/** What the server last said about run folders, and whether it still answers. */
export interface Folders {
  readonly folders: ReadonlyArray<RunFolder>
  readonly isAnswering: boolean
}

/** The run folders of the server's machine, which are asked for again and again. */
export const useFolders = (): Folders => {
  const [found, setFound] = useState<Folders>({ folders: [], isAnswering: true })
  useEffect(() => {
    let over = false, before = "", timer: ReturnType<typeof setTimeout> | undefined
    const ask = async () => {
      try {
        const folders = await listFolders(), now = JSON.stringify(folders)
        if (about.get().runs === "") await askAbout()
        if (over) return
        // Rows that say the same stay the same.
        if (now === before) setFound((found) => found.isAnswering ? found : { ...found, isAnswering: true })
        else setFound({ folders, isAnswering: true })
        before = now
      } catch {
        if (!over) setFound(({ folders }) => ({ folders, isAnswering: false }))
      }
      if (!over) timer = setTimeout(ask, EVERY)
    }
    void ask()
    return () => {
      over = true
      clearTimeout(timer)
    }
  }, [])
  return found
}
