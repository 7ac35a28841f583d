// Repeats each block of [outer, inner], into [outer, repeats, inner], for elements of four bytes.
export function repeatBlocks(outer: i32, repeats: i32, inner: i32, x: usize, out: usize): void {
  const block = <usize> inner << 2, size = block * <usize> repeats
  // What is written is read again, at a distance of whole vectors, and long enough for it to have arrived.
  let period = block
  while ((period & 15) != 0 || period < 256) period <<= 1
  for (let i = 0; i < outer; i++, x += block, out += size) {
    const end = out + size
    if (inner == 1) {
      fill(v128.load32_splat(x), out, end)
      continue
    }
    let to = copyTo(x, out, out + block)
    while (to < end && to < out + period) to = copyTo(out, to, min(end, to + (to - out)))
    copyTo(to - period, to, end)
  }
}

function fill(value: v128, from: usize, end: usize): void {
  let to = from
  for (; to + 16 <= end; to += 16) v128.store(to, value)
  for (; to < end; to += 4) v128.store32_lane(to, value, 0)
}

// Copies in ascending order, and gives the end.
function copyTo(x: usize, from: usize, end: usize): usize {
  let at = x, to = from
  for (; to + 64 <= end; to += 64, at += 64) {
    const a = v128.load(at), b = v128.load(at, 16), c = v128.load(at, 32), d = v128.load(at, 48)
    v128.store(to, a)
    v128.store(to, b, 16)
    v128.store(to, c, 32)
    v128.store(to, d, 48)
  }
  for (; to + 16 <= end; to += 16, at += 16) v128.store(to, v128.load(at))
  for (; to < end; to += 4, at += 4) store<u32>(to, load<u32>(at))
  return to
}
