// What comes before and after the product in a convolution: rows start as the bias, and end with the activation.

/** Copies `bytes` again and again, over `total` bytes, a multiple of them. */
export function copies(from: usize, bytes: usize, to: usize, total: usize): void {
  for (const end = to + total; to < end; to += bytes) {
    let at: usize = 0
    for (; at + 16 <= bytes; at += 16) v128.store(to + at, v128.load(from + at))
    for (; at < bytes; at += 4) store<f32>(to + at, load<f32>(from + at))
  }
}

/** Zero instead of what is negative; NaN stays. */
export function positive(v: v128): v128 {
  return v128.andnot(v, f32x4.lt(v, f32x4.splat(0)))
}

export function rectify(at: usize, bytes: usize): void {
  const end = at + bytes
  for (; at + 16 <= end; at += 16) v128.store(at, positive(v128.load(at)))
  for (; at < end; at += 4) v128.store32_lane(at, positive(v128.load32_zero(at)), 0)
}
