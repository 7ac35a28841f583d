import { DESCRIPTION } from "../../checkpoint/describe.ts"
import type { Metadata } from "../../checkpoint/format.ts"

const parsed = (text: string): object | undefined => {
  try {
    const found: unknown = JSON.parse(text)
    return typeof found === "object" && found !== null ? found : undefined
  } catch {
    return undefined
  }
}

/** The descriptions that the metadata of a checkpoint has: that of its model, or of each of several by their names. */
export const describedIn = (metadata: Metadata): object | undefined => {
  const found = Object.entries(metadata).flatMap(([key, text]) => {
    if (key !== DESCRIPTION && !key.endsWith(`.${DESCRIPTION}`)) return []
    const description = parsed(text)
    return description === undefined ? [] : [[key.slice(0, -DESCRIPTION.length - 1), description] as const]
  })
  if (found.length === 0) return undefined
  const all: { readonly [name: string]: object } = Object.fromEntries(found)
  return all[""] ?? all
}
