import { messageOf } from "./messageOf.ts"

const FRAME = /(?:\(|@|at |^\s*)((?:file:\/\/|https?:\/\/|\/|[A-Za-z]:[\\/])[^()]*):(\d+):(\d+)\)?$/

const plain = (address: string): string => {
  try {
    return decodeURI(address.replace(/^file:\/\//, "").replace(/\?.*$/, ""))
  } catch {
    return address
  }
}

// Not by `new URL`, in which bundlers see a file; in a bundle for `require` there is no address.
const own = (import.meta.url as string | undefined)?.replace(/[^/]*\/[^/]*$/, "")

/**
 * The line of a user's own file from which something was thrown, `my.ts:12:5`: the innermost one of its stack that is
 * neither of this library nor of a package. Nothing where there is none, as in a page whose files are all in one.
 */
export const placeOf = (thrown: unknown): string | undefined => {
  const stack = thrown instanceof Error ? thrown.stack : undefined
  if (own === undefined) return undefined
  for (const line of typeof stack === "string" ? stack.split("\n") : []) {
    const [, address, row, column] = FRAME.exec(line) ?? []
    if (address === undefined) continue
    const path = plain(address)
    if (path.startsWith(plain(own)) || path.includes("/node_modules/")) continue
    const folder = `${globalThis.process?.cwd?.() ?? ""}/`
    return `${folder !== "/" && path.startsWith(folder) ? path.slice(folder.length) : path}:${row}:${column}`
  }
  return undefined
}

/** What was thrown, in words: with the kind of error where the message alone says too little. */
export const thrownInWords = (thrown: unknown): string => {
  const says = messageOf(thrown)
  if (!(thrown instanceof Error) || "_tag" in thrown || ["Error", "RangeError"].includes(thrown.name)) return says
  return says === "" ? thrown.name : `${thrown.name}: ${says}`
}
