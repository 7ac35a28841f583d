import { crcOf } from "../../../src/core/crc.ts"

// Of Ethernet and of PNG.
const crc = crcOf(0xedb88320)

/** What a text that was pasted is called: always the same of the same text. */
export const nameOfPasted = (text: string): string =>
  `pasted-${crc(new TextEncoder().encode(text)).toString(16).padStart(8, "0")}.txt`

/** Whether that is what a text that was pasted is called. */
export const isPasted = (name: unknown): name is string =>
  typeof name === "string" && /^pasted-[0-9a-f]{8}\.txt$/.test(name)
