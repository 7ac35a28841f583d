const waiting = new Map<object, () => void>()
let asked = false

const BUDGET = 6

const frame = (): void => {
  asked = false
  const until = performance.now() + BUDGET
  for (const [key, draw] of waiting) {
    waiting.delete(key)
    draw()
    if (performance.now() > until) break
  }
  if (waiting.size > 0) ask()
}

const ask = (): void => {
  if (asked) return
  asked = true
  requestAnimationFrame(frame)
}

/**
 * Draws something in one of the next frames, once, however often it is asked for before that. Several drawings share
 * frames as their time allows, so that no frame has to wait for all charts.
 */
export const inFrame = (key: object, draw: () => void): void => {
  waiting.set(key, draw)
  ask()
}
