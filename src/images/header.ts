/** What the first bytes of a picture say of it. */
export interface Header {
  readonly format: "PNG" | "JPEG"
  readonly height: number
  readonly width: number
}

/** A picture as it is in its file: rows of pixels, each of its samples as a byte. */
export interface Pixels {
  /** 1 is gray, 2 are gray and alpha, 3 red, green and blue, 4 these and alpha. */
  readonly channels: 1 | 2 | 3 | 4
  readonly data: Uint8Array
}
