const waiting = new Map<object, () => void>()
let asked = false

const frame = (): void => {
  asked = false
  const [next] = waiting
  if (next === undefined) return
  const [key, draw] = next
  waiting.delete(key)
  ask()
  draw()
}

const ask = (): void => {
  if (asked || waiting.size === 0) return
  asked = true
  requestAnimationFrame(frame)
}

/**
 * Draws something in one of the next frames, once, however often it is asked for before that. Drawings take turns, one
 * in a frame: what a browser does with a picture when the function has returned takes longer than the function.
 */
export const inFrame = (key: object, draw: () => void): void => {
  waiting.set(key, draw)
  ask()
}
