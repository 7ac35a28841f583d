import { join } from "./structure.ts"

// Beside the errors: what a layer of one's own throws stays what it is.
const places = /* @__PURE__ */ new WeakMap<object, string>()

/** Notes that an error came out of what has a key in what it stands in. */
export const cameFrom = (key: string, error: unknown): void => {
  if (typeof error !== "object" || error === null) return
  const below = places.get(error)
  places.set(error, below === undefined ? key : join(key, below))
}

/** The path of where an error came from, once: an error that is thrown again comes from where that happens. */
export const placeOf = (error: unknown): string | undefined => {
  if (typeof error !== "object" || error === null) return undefined
  const place = places.get(error)
  places.delete(error)
  return place
}
