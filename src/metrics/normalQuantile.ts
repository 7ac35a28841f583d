/** `c[0] + c[1] x + c[2] x^2 + …` */
const polynomial = (coefficients: ReadonlyArray<number>, x: number): number =>
  coefficients.reduceRight((sum, coefficient) => sum * x + coefficient, 0)

// The coefficients of PPND16, in float64: numerator and denominator, for the middle, the tails and the far tails.
const MIDDLE = [
  [
    3.3871328727963665,
    133.14166789178438,
    1971.5909503065513,
    13731.69376550946,
    45921.95393154987,
    67265.7709270087,
    33430.57558358813,
    2509.0809287301227
  ],
  [
    1,
    42.31333070160091,
    687.1870074920579,
    5394.196021424751,
    21213.794301586597,
    39307.89580009271,
    28729.085735721943,
    5226.495278852854
  ]
] as const
const TAIL = [
  [
    1.4234371107496835,
    4.630337846156546,
    5.769497221460691,
    3.6478483247632045,
    1.2704582524523684,
    0.2417807251774506,
    0.022723844989269184,
    0.0007745450142783414
  ],
  [
    1,
    2.053191626637759,
    1.6763848301838038,
    0.6897673349851,
    0.14810397642748008,
    0.015198666563616457,
    0.0005475938084995345,
    1.0507500716444169e-9
  ]
] as const
const FAR_TAIL = [
  [
    6.657904643501103,
    5.463784911164114,
    1.7848265399172913,
    0.29656057182850487,
    0.026532189526576124,
    0.0012426609473880784,
    0.000027115555687434876,
    2.0103343992922881e-7
  ],
  [
    1,
    0.599832206555888,
    0.1369298809227358,
    0.014875361290850615,
    0.0007868691311456133,
    0.000018463183175100548,
    1.421511758316446e-7,
    2.0442631033899397e-15
  ]
] as const

const ratio = ([numerator, denominator]: typeof MIDDLE | typeof TAIL | typeof FAR_TAIL, x: number): number =>
  polynomial(numerator, x) / polynomial(denominator, x)

const standard = (probability: number): number => {
  const q = probability - 0.5
  if (Math.abs(q) <= 0.425) return q * ratio(MIDDLE, 0.180625 - q * q)
  const r = Math.sqrt(-Math.log(q < 0 ? probability : 1 - probability))
  return Math.sign(q) * (r <= 5 ? ratio(TAIL, r - 1.6) : r === Infinity ? Infinity : ratio(FAR_TAIL, r - 5))
}

/**
 * The quantile function of the normal distribution, for {@link wassersteinToDistribution}: the value below which a
 * given share of the distribution lies, in the units of `mean` and `stddev`, -Infinity at 0 and Infinity at 1. It is
 * the algorithm PPND16 (Wichura, "Algorithm AS 241: The percentage points of the normal distribution", 1988), with a
 * relative error of about 1e-16. Throws a `RangeError` for a standard deviation that is not above 0.
 *
 * @example
 * ```ts
 * import { Metrics } from "effect-neuron"
 *
 * const quantile = Metrics.normalQuantile({ mean: 3, stddev: 0.5 })
 * quantile(0.5) // => 3
 * quantile(0.975).toFixed(4) // => "3.9800"
 * ```
 */
export const normalQuantile = (
  { mean = 0, stddev = 1 }: { readonly mean?: number; readonly stddev?: number } = {}
): (probability: number) => number => {
  if (!(stddev > 0)) throw new RangeError(`normalQuantile: stddev must be above 0, got ${stddev}`)
  return (probability) => mean + stddev * standard(probability)
}
