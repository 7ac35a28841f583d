const KEY = "effect-neuron current run"

/** Asks something of a storage that a browser may not give. */
const orNull = <A>(ask: () => A): A | null => {
  try {
    return ask()
  } catch {
    return null
  }
}

/** The run that this tab had before it was loaded again. */
export const runOfTab = (): string | null => orNull(() => sessionStorage.getItem(KEY))

/** The run that any tab of this browser had last: that of a page that was closed. */
export const runOfBrowser = (): string | null => orNull(() => localStorage.getItem(KEY))

/** Remembers the run of this tab. */
export const rememberRun = (id: string): void => {
  orNull(() => sessionStorage.setItem(KEY, id))
  orNull(() => localStorage.setItem(KEY, id))
}
