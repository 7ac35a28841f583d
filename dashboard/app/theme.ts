import { useEffect, useState } from "preact/hooks"
import { settings, systemIsDark } from "./state/settings.ts"
import { useStore } from "./state/store.ts"

/** Whether the page is dark: as the system says, unless a person has chosen. */
export const useDark = (): boolean => {
  const theme = useStore(settings, (value) => value.theme)
  const [system, setSystem] = useState(systemIsDark.matches)
  useEffect(() => {
    const listen = () => setSystem(systemIsDark.matches)
    systemIsDark.addEventListener("change", listen)
    return () => systemIsDark.removeEventListener("change", listen)
  }, [])
  return theme === "system" ? system : theme === "dark"
}
