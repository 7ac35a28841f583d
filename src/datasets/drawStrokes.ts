/** A curve in pixels: its points, `x` and `y` in turn, with straight lines between them. */
export type Polyline = Float32Array

const segmentsPerSpan = 5

/**
 * The curve through the points of a stroke, given as `x` and `y` in turn (Catmull and Rom: "A class of local
 * interpolating splines", 1974). The outermost points are doubled, so that the curve begins and ends in them.
 */
export const smooth = (points: Float32Array): Polyline => {
  const n = points.length / 2
  if (n < 3) return points
  const out = new Float32Array(2 * ((n - 1) * segmentsPerSpan + 1))
  let at = 0
  for (let i = 0; i < n - 1; i++) {
    const a = 2 * Math.max(i - 1, 0), b = 2 * i, c = b + 2, d = 2 * Math.min(i + 2, n - 1)
    for (let k = 0; k < segmentsPerSpan; k++) {
      const t = k / segmentsPerSpan, t2 = t * t, t3 = t2 * t
      const wa = (-t3 + 2 * t2 - t) / 2, wb = (3 * t3 - 5 * t2 + 2) / 2
      const wc = (-3 * t3 + 4 * t2 + t) / 2, wd = (t3 - t2) / 2
      out[at++] = wa * points[a]! + wb * points[b]! + wc * points[c]! + wd * points[d]!
      out[at++] = wa * points[a + 1]! + wb * points[b + 1]! + wc * points[c + 1]! + wd * points[d + 1]!
    }
  }
  out[at] = points[2 * n - 2]!
  out[at + 1] = points[2 * n - 1]!
  return out
}

/**
 * Draws a curve into a square image with a round brush: a pixel is white up to `radius` from the curve, less half the
 * width of the soft edge, and black from the other side of that edge. Where strokes meet the brighter one counts.
 */
export const draw = (image: Float32Array, side: number, line: Polyline, radius: number, edge: number): void => {
  const reach = radius + edge / 2
  for (let p = 0; p + 3 < line.length; p += 2) {
    const x0 = line[p]!, y0 = line[p + 1]!, dx = line[p + 2]! - x0, dy = line[p + 3]! - y0
    const inverse = 1 / Math.max(dx * dx + dy * dy, 1e-9)
    const left = Math.max(0, Math.ceil(Math.min(x0, x0 + dx) - reach))
    const right = Math.min(side - 1, Math.floor(Math.max(x0, x0 + dx) + reach))
    const top = Math.max(0, Math.ceil(Math.min(y0, y0 + dy) - reach))
    const bottom = Math.min(side - 1, Math.floor(Math.max(y0, y0 + dy) + reach))
    for (let y = top; y <= bottom; y++) {
      for (let x = left; x <= right; x++) {
        const ex = x - x0, ey = y - y0
        const along = Math.min(1, Math.max(0, (ex * dx + ey * dy) * inverse))
        const ox = ex - along * dx, oy = ey - along * dy
        const squared = ox * ox + oy * oy
        if (squared >= reach * reach) continue
        const value = Math.min(1, (reach - Math.sqrt(squared)) / edge)
        const i = y * side + x
        if (value > image[i]!) image[i] = value
      }
    }
  }
}
