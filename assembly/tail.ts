// Whole vectors, or the last one to three floats of a tensor: lanes beyond them are zero, and memory beyond them is
// neither read nor written.

export function loadUpTo4(at: usize, count: i32): v128 {
  return count >= 4 ? v128.load(at) : loadPart(at, count)
}

export function storeUpTo4(at: usize, count: i32, v: v128): void {
  if (count >= 4) v128.store(at, v)
  else storePart(at, count, v)
}

function loadPart(at: usize, count: i32): v128 {
  let v = v128.load32_zero(at)
  if (count > 1) v = v128.load32_lane(at, v, 1, 4)
  if (count > 2) v = v128.load32_lane(at, v, 2, 8)
  return v
}

function storePart(at: usize, count: i32, v: v128): void {
  if (count > 0) v128.store32_lane(at, v, 0)
  if (count > 1) v128.store32_lane(at, v, 1, 4)
  if (count > 2) v128.store32_lane(at, v, 2, 8)
}
