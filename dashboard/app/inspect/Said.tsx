import { useEffect, useRef, useState } from "preact/hooks"

/** Says a text to those who cannot see it a second after `about` was last another one, and not whenever the text is. */
export const Said = ({ about, text }: { readonly about: string; readonly text: string }) => {
  const [said, say] = useState(""), latest = useRef(text)
  latest.current = text
  useEffect(() => {
    const timer = setTimeout(() => say(latest.current), 1000)
    return () => clearTimeout(timer)
  }, [about])
  return <p class="hidden" role="status">{said}</p>
}
