import { useEffect, useState } from "preact/hooks"

/** Draws a component again whenever something tells that it has changed. */
export const useRedraw = (listen: (listener: () => void) => () => void): void => {
  const [, draw] = useState({})
  useEffect(() => listen(() => draw({})), [listen])
}
