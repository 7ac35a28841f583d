let next: ((task: () => void) => () => void) | undefined

const make = (): NonNullable<typeof next> => {
  const { port1, port2 } = new MessageChannel()
  const waiting = new Set<() => void>()
  port1.addEventListener("message", () => {
    const [first] = waiting
    if (first === undefined) return
    waiting.delete(first)
    first()
  })
  port1.start()
  return (task) => {
    const own = () => task()
    waiting.add(own)
    port2.postMessage(undefined)
    return () => {
      waiting.delete(own)
    }
  }
}

/**
 * Runs a task in a turn of its own of the event loop, in a page or a worker; the result takes it back. It goes by a
 * message: browsers make a timer that is set by a timer wait for four milliseconds, and one of a page that is hidden
 * for a second or a minute.
 */
export const inTurn = (task: () => void): () => void => (next ??= make())(task)
