import { Result } from "effect"

/** What a JPEG says of itself before its pixels. */
export interface JpegHeader {
  readonly height: number
  readonly width: number
  /** 1 is gray, 3 are color. */
  readonly components: 1 | 3
}

// A scan goes over the whole picture however few bytes it has; a progressive picture has some ten.
const MOST_SCANS = 200

export const isJpeg = (bytes: Uint8Array): boolean => bytes[0] === 0xff && bytes[1] === 0xd8 && bytes[2] === 0xff

const BROKEN = "a JPEG that is broken or cut short"

/** The markers that begin a frame, and say its size: all from C0 to CF but tables and what is kept for later. */
const isFrame = (marker: number): boolean =>
  marker >= 0xc0 && marker <= 0xcf && marker !== 0xc4 && marker !== 0xc8 && marker !== 0xcc

const scansOf = (bytes: Uint8Array): number => {
  let scans = 0
  for (let at = bytes.indexOf(0xff); at !== -1; at = bytes.indexOf(0xff, at + 1)) if (bytes[at + 1] === 0xda) scans++
  return scans
}

/** What the frame says, which follows tables and remarks (ITU-T T.81, annex B), or a sentence on what is wrong. */
export const jpegHeader = (bytes: Uint8Array): Result.Result<JpegHeader, string> => {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  for (let at = 2; at + 4 <= bytes.length;) {
    if (bytes[at] !== 0xff) break
    const marker = bytes[at + 1]!
    if (marker === 0xff) {
      at++
      continue
    }
    if (marker < 0xc0 || (marker >= 0xd0 && marker <= 0xda)) break
    const length = view.getUint16(at + 2)
    if (length < 2 || at + 2 + length > bytes.length) break
    if (isFrame(marker)) {
      if (length < 8) break
      const depth = bytes[at + 4]!, height = view.getUint16(at + 5), width = view.getUint16(at + 7)
      const components = bytes[at + 9]!
      if (marker > 0xc2) return Result.fail("a JPEG of a kind that is not read (lossless, arithmetic or hierarchical)")
      if (depth !== 8) return Result.fail(`a JPEG of ${depth} bits a sample`)
      if (components === 4) return Result.fail("a JPEG in CMYK")
      if (components !== 1 && components !== 3) return Result.fail(`a JPEG of ${components} components`)
      if (width === 0 || height === 0) return Result.fail(`a JPEG of ${width} x ${height}`)
      const scans = scansOf(bytes)
      return scans > MOST_SCANS
        ? Result.fail(`a JPEG of ${scans} scans`)
        : Result.succeed({ height, width, components })
    }
    at += 2 + length
  }
  return Result.fail(BROKEN)
}
