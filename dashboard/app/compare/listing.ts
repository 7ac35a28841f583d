import { useEffect } from "preact/hooks"
import type { RunFolder } from "../../../src/cli/dashboard/runFolders.ts"
import { about, askAbout, listFolders } from "../state/server.ts"
import { makeStore, useStore } from "../state/store.ts"

const EVERY = 2000

/** What the server last said about run folders, and whether it still answers. */
export interface Folders {
  readonly folders: ReadonlyArray<RunFolder>
  readonly isAnswering: boolean
}

/** The run folders of the server's machine: one listing for the table and all runs in the charts. */
export const listing = makeStore<Folders>({ folders: [], isAnswering: true })

let watchers = 0, isAsking = false, before = "", timer: ReturnType<typeof setTimeout> | undefined

const ask = async (): Promise<void> => {
  isAsking = true
  try {
    const folders = await listFolders(), now = JSON.stringify(folders)
    if (about.get().runs === "") await askAbout()
    // Rows that say the same stay the same.
    if (now !== before) listing.set({ folders, isAnswering: true })
    else if (!listing.get().isAnswering) listing.set({ isAnswering: true })
    before = now
  } catch {
    if (listing.get().isAnswering) listing.set({ isAnswering: false })
  }
  isAsking = false
  if (watchers > 0) timer = setTimeout(ask, EVERY)
}

/** Has the folders listed, now and again and again, until what it gives is called by all who watch. */
export const watchListing = (): () => void => {
  watchers++
  clearTimeout(timer)
  if (!isAsking) void ask()
  let isOver = false
  return () => {
    if (!isOver && --watchers === 0) clearTimeout(timer)
    isOver = true
  }
}

/** The run folders, which are listed as long as somebody looks at them. */
export const useListing = (): Folders => {
  useEffect(watchListing, [])
  return useStore(listing, (value) => value)
}
