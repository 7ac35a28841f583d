/** The side of the images, in pixels. */
export const SIDE = 28

const RADIUS = 1.15, EDGE = 1.1

type Point = readonly [x: number, y: number]

/** Draws a line with a soft brush into an image with values from 0 to 1. */
export const stroke = (image: Float32Array, [x1, y1]: Point, [x2, y2]: Point): void => {
  const dx = x2 - x1, dy = y2 - y1, square = dx * dx + dy * dy
  for (let y = 0; y < SIDE; y++) {
    for (let x = 0; x < SIDE; x++) {
      const along = square === 0 ? 0 : Math.max(0, Math.min(1, ((x - x1) * dx + (y - y1) * dy) / square))
      const distance = Math.hypot(x - x1 - along * dx, y - y1 - along * dy)
      const value = Math.max(0, Math.min(1, (RADIUS + EDGE - distance) / EDGE))
      image[y * SIDE + x] = Math.max(image[y * SIDE + x]!, value)
    }
  }
}

// As MNIST has it, and the generated digits: in a box of 20 pixels, in the middle.
const BOX = 18

/** The image with what is drawn in it moved to the middle and scaled to a box of 18 pixels; an empty one as it is. */
export const center = (image: Float32Array): Float32Array => {
  let left = SIDE, right = -1, top = SIDE, bottom = -1
  image.forEach((value, i) => {
    if (value < 0.3) return
    const x = i % SIDE, y = Math.floor(i / SIDE)
    left = Math.min(left, x)
    right = Math.max(right, x)
    top = Math.min(top, y)
    bottom = Math.max(bottom, y)
  })
  if (right < 0) return image.slice()
  const scale = Math.max(right - left + 1, bottom - top + 1) / BOX
  const middleX = (left + right) / 2, middleY = (top + bottom) / 2, half = (SIDE - 1) / 2
  const value = (x: number, y: number) => x < 0 || y < 0 || x >= SIDE || y >= SIDE ? 0 : image[y * SIDE + x]!
  return Float32Array.from(image, (_, i) => {
    // Bilinear.
    const x = middleX + (i % SIDE - half) * scale, y = middleY + (Math.floor(i / SIDE) - half) * scale
    const x0 = Math.floor(x), y0 = Math.floor(y), fx = x - x0, fy = y - y0
    return (value(x0, y0) * (1 - fx) + value(x0 + 1, y0) * fx) * (1 - fy) +
      (value(x0, y0 + 1) * (1 - fx) + value(x0 + 1, y0 + 1) * fx) * fy
  })
}
