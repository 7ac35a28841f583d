const isSource = import.meta.url.endsWith(".ts")

/** The file of this package that a name of it means: its source in a clone, what is built elsewhere. */
const fileOf = (name: string): string => {
  const entries: { readonly [name: string]: string } = {
    "effect-neuron": "index",
    "effect-neuron/browser": "browser",
    "effect-neuron/node": "node",
    "effect-neuron/remote": "remote/index",
    "effect-neuron/remote/browser": "remote/browser",
    "effect-neuron/remote/node": "remote/node"
  }
  const entry = entries[name]
  return entry === undefined ? name : new URL(`../${entry}.${isSource ? "ts" : "js"}`, import.meta.url).href
}

let registered: Promise<void> | undefined

/**
 * From now on modules that are loaded get this copy of the library, of Effect and of TensorFlow.js, wherever they are:
 * two copies know nothing of each other's backends and tensors, and a file needs no package beside it.
 */
export const ownPackages = (): Promise<void> =>
  registered ??= (async () => {
    const { registerHooks } = await import("node:module")
    registerHooks({
      resolve: (specifier, context, next) => {
        if (specifier === "effect-neuron" || specifier.startsWith("effect-neuron/")) {
          const own = fileOf(specifier)
          if (own !== specifier) return next(own, context)
        }
        return /^(effect|@tensorflow\/tfjs-core)(\/|$)/.test(specifier)
          ? next(specifier, { ...context, parentURL: import.meta.url })
          : next(specifier, context)
      }
    })
  })()
