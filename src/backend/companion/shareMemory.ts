import { joined } from "../../core/bytes.ts"

// The sections of a module (https://webassembly.github.io/spec/core/binary/modules.html) that may name a memory.
const IMPORTS = 2, MEMORIES = 5
const TABLE = 1, MEMORY = 2, GLOBAL = 3, TAG = 4

// Limits are a byte of flags, a minimum and, if its lowest bit is set, a maximum, in pages of 64 KB.
const HAS_MAXIMUM = 1, SHARED = 2
const MOST_PAGES = 65_536

/**
 * A WebAssembly module whose memory, which it defines or imports, is declared as shared, so that instances in several
 * threads can work on one memory. Nothing else of it changes: code without atomic instructions runs on shared memory as
 * it is. What shared memory must have and other memory need not, a maximum, is 4 GB where there is none.
 */
export const shareMemory = (module: Uint8Array): Uint8Array<ArrayBuffer> => {
  const sections: Array<Uint8Array> = [module.subarray(0, 8)]
  let isShared = false
  for (let at = 8; at < module.length;) {
    const id = module[at]!, size = readNumber(module, at + 1), end = size.end + size.value
    const places = id === IMPORTS
      ? importedLimits(module, size.end)
      : id === MEMORIES
      ? definedLimits(module, size.end)
      : []
    if (places.length === 0) sections.push(module.subarray(at, end))
    else {
      isShared = true
      const body: Array<number> = []
      let from = size.end
      for (const place of places) {
        const flags = module[place]!, minimum = readNumber(module, place + 1)
        body.push(
          ...module.subarray(from, place),
          flags | SHARED | HAS_MAXIMUM,
          ...module.subarray(place + 1, minimum.end)
        )
        if ((flags & HAS_MAXIMUM) === 0) body.push(...writeNumber(MOST_PAGES))
        from = minimum.end
      }
      body.push(...module.subarray(from, end))
      sections.push(Uint8Array.of(id, ...writeNumber(body.length), ...body))
    }
    at = end
  }
  if (!isShared) throw new Error("a module without a memory has none to share")
  return joined(sections)
}

/** Where the limits of the memories of the module itself are. */
const definedLimits = (module: Uint8Array, from: number): Array<number> => {
  const places: Array<number> = []
  let { end: at, value: count } = readNumber(module, from)
  for (; count > 0; count--) {
    places.push(at)
    at = skipLimits(module, at)
  }
  return places
}

/** Where the limits of imported memories are: an import is two names, a kind, and what that kind has to say. */
const importedLimits = (module: Uint8Array, from: number): Array<number> => {
  const places: Array<number> = []
  let { end: at, value: count } = readNumber(module, from)
  for (; count > 0; count--) {
    for (let name = 0; name < 2; name++) {
      const length = readNumber(module, at)
      at = length.end + length.value
    }
    const kind = module[at++]
    if (kind === MEMORY) places.push(at)
    if (kind === MEMORY) at = skipLimits(module, at)
    else if (kind === TABLE) at = skipLimits(module, at + 1)
    else if (kind === GLOBAL) at += 2
    else if (kind === TAG) at = readNumber(module, at + 1).end
    else at = readNumber(module, at).end
  }
  return places
}

const skipLimits = (module: Uint8Array, at: number): number => {
  const minimum = readNumber(module, at + 1).end
  return (module[at]! & HAS_MAXIMUM) === 0 ? minimum : readNumber(module, minimum).end
}

// Numbers are LEB128: seven bits to a byte, lowest first, the eighth set where more follow.

const readNumber = (module: Uint8Array, at: number): { readonly value: number; readonly end: number } => {
  let value = 0, scale = 1
  for (;; scale *= 128) {
    const byte = module[at++]!
    value += (byte & 127) * scale
    if (byte < 128) return { value, end: at }
  }
}

const writeNumber = (value: number): Array<number> =>
  value < 128 ? [value] : [value & 127 | 128, ...writeNumber(value >>> 7)]
