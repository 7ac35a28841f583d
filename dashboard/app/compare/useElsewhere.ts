import { useEffect, useState } from "preact/hooks"
import { refresh } from "../state/commands.ts"
import { heldElsewhere } from "../state/lock.ts"
import { measure } from "../state/storage.ts"

const EVERY = 2000

/** The runs that other tabs have, whose courses are looked at again and again. */
export const useElsewhere = (): ReadonlySet<string> => {
  const [elsewhere, setElsewhere] = useState<ReadonlySet<string>>(new Set())
  useEffect(() => {
    let over = false, before: ReadonlySet<string> = new Set(), timer: ReturnType<typeof setTimeout> | undefined
    const look = async (): Promise<void> => {
      try {
        const now = await heldElsewhere()
        // What was let go since then was kept for the last time.
        await refresh([...now, ...before])
        await measure()
        if (over) return
        before = now
        setElsewhere(now)
      } catch {
        // A browser that keeps nothing has no other tabs to be heard of.
      }
      if (!over) timer = setTimeout(look, EVERY)
    }
    void look()
    return () => {
      over = true
      clearTimeout(timer)
    }
  }, [])
  return elsewhere
}
