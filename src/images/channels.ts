import type { Pixels } from "./header.ts"

/**
 * Pixels with other channels. Color becomes gray by its luma (ITU-R BT.601); what is transparent shows the ground where
 * alpha is left out, and is opaque where there was none.
 */
export const withChannels = (from: Pixels, channels: Pixels["channels"], ground: number): Uint8Array => {
  if (from.channels === channels) return from.data
  const { data } = from, n = data.length / from.channels, out = new Uint8ClampedArray(n * channels)
  const isColor = from.channels > 2, hasAlpha = from.channels % 2 === 0, toColor = channels > 2
  const keepsAlpha = channels % 2 === 0
  for (let i = 0; i < n; i++) {
    const at = i * from.channels, to = i * channels
    const r = data[at]!, g = isColor ? data[at + 1]! : r, b = isColor ? data[at + 2]! : r
    const a = hasAlpha ? data[at + from.channels - 1]! : 255
    const on = (value: number) => keepsAlpha ? value : (value * a + ground * (255 - a)) / 255
    if (toColor) {
      out[to] = on(r)
      out[to + 1] = on(g)
      out[to + 2] = on(b)
    } else out[to] = on(isColor ? 0.299 * r + 0.587 * g + 0.114 * b : r)
    if (keepsAlpha) out[to + channels - 1] = a
  }
  return new Uint8Array(out.buffer)
}
