import { copyRun } from "./permute"

// Copies blocks of so many bytes, a multiple of 4, from [outer, inner] places to as many, which lie at distances of
// their own: what concatenation, slices and splits are made of.
export function copyBlocks(
  outer: i32,
  inner: i32,
  bytes: i32,
  x: usize,
  xOuter: i32,
  xInner: i32,
  out: usize,
  outOuter: i32,
  outInner: i32
): void {
  for (; outer > 0; outer--, x += xOuter, out += outOuter) {
    for (let i = 0, from = x, to = out; i < inner; i++, from += xInner, to += outInner) copyRun(from, to, bytes)
  }
}
