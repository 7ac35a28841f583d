import { useEffect, useState } from "preact/hooks"
import { settings } from "./state/settings.ts"
import { useStore } from "./state/store.ts"

const query = matchMedia("(prefers-color-scheme: dark)")

/** Whether the page is dark: as the system says, unless a person has chosen. */
export const useDark = (): boolean => {
  const theme = useStore(settings, (value) => value.theme)
  const [system, setSystem] = useState(query.matches)
  useEffect(() => {
    const listen = () => setSystem(query.matches)
    query.addEventListener("change", listen)
    return () => query.removeEventListener("change", listen)
  }, [])
  return theme === "system" ? system : theme === "dark"
}
