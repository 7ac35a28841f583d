const word = new Uint32Array(1)
const single = new Float32Array(word.buffer)

const fromBits = (bits: number): number => {
  word[0] = bits
  return single[0]!
}

/** The value of 16 bits as bfloat16, the upper half of a float32. */
export const fromBfloat16 = (bits: number): number => fromBits(bits << 16)

/** The value of 16 bits as IEEE 754 binary16: 1 bit sign, 5 bits exponent, 10 bits fraction. Exact in float32. */
export const fromFloat16 = (bits: number): number => {
  const sign = (bits & 0x8000) === 0 ? 1 : -1
  const exponent = (bits >> 10) & 0x1f, fraction = bits & 0x3ff
  if (exponent === 0x1f) return fraction === 0 ? sign * Infinity : NaN
  return exponent === 0 ? sign * fraction * 2 ** -24 : sign * (1024 + fraction) * 2 ** (exponent - 25)
}
