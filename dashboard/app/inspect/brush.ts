/** A picture of one channel, with values from 0 to 1, row by row. */
export interface Ink {
  readonly width: number
  readonly height: number
  readonly data: Float32Array
}

export const blank = (width: number, height: number): Ink => ({ width, height, data: new Float32Array(width * height) })

// For the images of digits that there are: a stroke as thick as theirs, in parts of the side.
const RADIUS = 1.15 / 28, EDGE = 1.1

type Point = readonly [x: number, y: number]

/** Draws a line with a soft brush; says how much of each pixel it covers to `cover`. */
export const stroke = (
  { height, width }: Pick<Ink, "width" | "height">,
  [x1, y1]: Point,
  [x2, y2]: Point,
  cover: (pixel: number, share: number) => void
): void => {
  const dx = x2 - x1, dy = y2 - y1, square = dx * dx + dy * dy, radius = Math.max(0.3, RADIUS * Math.max(width, height))
  for (let y = 0; y < height; y++) {
    for (let x = 0; x < width; x++) {
      const along = square === 0 ? 0 : Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / square))
      const distance = Math.hypot(x - x1 - along * dx, y - y1 - along * dy)
      const share = Math.max(0, Math.min(1, (radius + EDGE - distance) / EDGE))
      if (share > 0) cover(y * width + x, share)
    }
  }
}

// As MNIST has it, and the generated digits: in a box of 20 of 28 pixels, in the middle.
const BOX = 18 / 28

/** The picture with what is drawn in it moved to the middle and scaled to a box of 18 of 28 parts; an empty one as it is. */
export const center = ({ data, height, width }: Ink): Ink => {
  let left = width, right = -1, top = height, bottom = -1
  data.forEach((value, i) => {
    if (value < 0.3) return
    const x = i % width, y = Math.floor(i / width)
    left = Math.min(left, x)
    right = Math.max(right, x)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y)
  })
  if (right < 0) return { width, height, data: data.slice() }
  const scale = Math.max((right - left + 1) / (BOX * width), (bottom - top + 1) / (BOX * height))
  const middleX = (left + right) / 2, middleY = (top + bottom) / 2
  const value = (x: number, y: number) => x < 0 || y < 0 || x >= width || y >= height ? 0 : data[y * width + x]!
  const moved = Float32Array.from(data, (_, i) => {
    // Bilinear.
    const x = middleX + (i % width - (width - 1) / 2) * scale
    const y = middleY + (Math.floor(i / width) - (height - 1) / 2) * scale
    const x0 = Math.floor(x), y0 = Math.floor(y), fx = x - x0, fy = y - y0
    return (value(x0, y0) * (1 - fx) + value(x0 + 1, y0) * fx) * (1 - fy) +
      (value(x0, y0 + 1) * (1 - fx) + value(x0 + 1, y0 + 1) * fx) * fy
  })
  return { width, height, data: moved }
}
