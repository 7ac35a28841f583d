type Listener = (...args: ReadonlyArray<unknown>) => void

interface Emitter {
  readonly listeners: (event: string) => ReadonlyArray<Listener>
  readonly on: (event: string, listener: Listener) => unknown
  readonly removeListener: (event: string, listener: Listener) => unknown
}

const EVENTS = ["uncaughtException", "unhandledRejection"]

// The module's own are a line each, `if (!(ex instanceof ExitStatus)) throw ex` and `throw reason`.
const isModules = (listener: Listener): boolean => {
  const text = String(listener)
  return text.length < 200 && /\bthrow\b/.test(text)
}

/**
 * Gives what puts Node's listeners of uncaught errors back in order, after the WebAssembly module of TensorFlow.js was
 * started or ended. It adds two when it starts, which throw again what nobody has caught: past the handlers of the
 * program, whose process then ends with 7. When it ends it takes away all that there were when it started.
 */
export const keepListeners = (): () => void => {
  const { process } = globalThis as { readonly process?: Partial<Emitter> }
  if (process?.listeners === undefined) return () => undefined
  const emitter = process as Emitter, before = EVENTS.map((event) => [event, [...emitter.listeners(event)]] as const)
  return () => {
    for (const [event, listeners] of before) {
      const now = emitter.listeners(event)
      for (const listener of now) {
        if (!listeners.includes(listener) && isModules(listener)) emitter.removeListener(event, listener)
      }
      for (const listener of listeners) if (!now.includes(listener)) emitter.on(event, listener)
    }
  }
}
