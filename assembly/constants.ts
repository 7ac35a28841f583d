// Vectors of constants for the functions of math.ts. A literal vector is made anew by V8, in three or four
// instructions, at each use within a loop; from a variable it is loaded in one, which makes exp 1.8 times as fast. They
// are variables so that the compiler leaves them as such; nobody writes them.

export let ONE = f32x4.splat(1),
  TWO = f32x4.splat(2),
  FOUR = f32x4.splat(4),
  HALF = f32x4.splat(0.5),
  TEN = f32x4.splat(10)
export let MINUS_TWO = f32x4.splat(-2), MINUS_HALF = f32x4.splat(-0.5), MINUS_23 = f32x4.splat(-23)
export let INFINITE = f32x4.splat(Infinity), MINUS_INFINITE = f32x4.splat(-Infinity)

export let SIGN_BIT = i32x4.splat(0x80000000), EXPONENT_BIAS = i32x4.splat(127)
// The bits of a float but its sign, and as bits the floats 4.7e-38, of which no share is denormal, and its root.
export let MAGNITUDE = i32x4.splat(0x7fffffff),
  SMALLEST = i32x4.splat(0x01800000),
  SMALLEST_ROOT = i32x4.splat(0x20800000)

// What gradients that fade from step to step come to before they are 0: products with it are not yet subnormal, which
// processors take a hundred times as long for.
export let FADED = f32x4.splat(1e-30)

export let MIN_NORMAL = f32x4.splat(1.17549435e-38), TWO_TO_23 = f32x4.splat(8388608)
export let ROOT_HALF_BITS = i32x4.splat(0x3f3504f3)

// To add 1.5 * 2^23 rounds to the nearest integer, which then stands in the lowest bits.
export let ROUNDING = f32x4.splat(12582912)

export let LOG2_E = f32x4.splat(1.4426950408889634)

// The logarithm of 2 in two parts, of which the first has so few digits that a multiple of it is exact.
export let LN2_HIGH = f32x4.splat(0.693359375), LN2_LOW = f32x4.splat(-2.12194440e-4)
export let MINUS_LN2_HIGH = f32x4.splat(-0.693359375), MINUS_LN2_LOW = f32x4.splat(2.12194440e-4)

// exp(r) = 1 + r + r^2 p(r) for |r| up to half a log 2, coefficients from the lowest up, here and below.
export let EXP_LEAST = f32x4.splat(-87.3),
  EXP_MOST = f32x4.splat(87.3),
  EXP_RANGE = i32x4.splat(0x42ae999a),
  EXP_MIN = f32x4.splat(-104),
  EXP_MAX = f32x4.splat(89),
  EXPM1_MIN = f32x4.splat(-20)
export let EXP_0 = f32x4.splat(0.5), EXP_1 = f32x4.splat(0.166665375), EXP_2 = f32x4.splat(0.0416662656)
export let EXP_3 = f32x4.splat(0.00836724695), EXP_4 = f32x4.splat(0.00139475870)

// 2^r = 1 + r p(r) for |r| up to a half.
export let EXP2_LEAST = f32x4.splat(-127), EXP2_1 = f32x4.splat(0.693147182), EXP2_2 = f32x4.splat(0.240226477)
export let EXP2_3 = f32x4.splat(0.0555033237), EXP2_4 = f32x4.splat(0.00961843692)
export let EXP2_5 = f32x4.splat(0.00133988750), EXP2_6 = f32x4.splat(0.000153533620)

// log(1 + f) = f - f^2 / 2 + f^3 p(f) for 1 + f from √½ to √2.
export let LOG_0 = f32x4.splat(0.333333313), LOG_1 = f32x4.splat(-0.250008225), LOG_2 = f32x4.splat(0.200012267)
export let LOG_3 = f32x4.splat(-0.166233540), LOG_4 = f32x4.splat(0.142017767), LOG_5 = f32x4.splat(-0.131602332)
export let LOG_6 = f32x4.splat(0.127614692), LOG_7 = f32x4.splat(-0.0763422996)

// 2 artanh(z) = 2 z + z^3 p(z^2) for z up to a third.
export let ARTANH_1 = f32x4.splat(0.6666631698608398), ARTANH_2 = f32x4.splat(0.40024909377098083)
export let ARTANH_3 = f32x4.splat(0.27960604429244995), ARTANH_4 = f32x4.splat(0.2817833423614502)

// erf(x) = x p(x^2) for |x| up to 0.92.
export let ERF_NEAR = f32x4.splat(0.92), ERF_MAX = f32x4.splat(4)
export let ERF_0 = f32x4.splat(1.12837911), ERF_1 = f32x4.splat(-0.376124948), ERF_2 = f32x4.splat(0.112818152)
export let ERF_3 = f32x4.splat(-0.0267665666), ERF_4 = f32x4.splat(0.00499310810), ERF_5 = f32x4.splat(-0.000599048100)

// log(1 - erf(t)) = p(t) for t from 0.92 to 4.
export let ERFC_0 = f32x4.splat(-0.000195640023), ERFC_1 = f32x4.splat(-1.12767577)
export let ERFC_2 = f32x4.splat(-0.637181938), ERFC_3 = f32x4.splat(-0.103931859)
export let ERFC_4 = f32x4.splat(0.0222270563), ERFC_5 = f32x4.splat(-0.00304325414)
export let ERFC_6 = f32x4.splat(0.000195941248)

// sin(π/2 s) = s p(s^2) and cos(π/2 s) = 1 + s^2 p(s^2) for |s| up to ½.
export let SIN_0 = f32x4.splat(1.57079637), SIN_1 = f32x4.splat(-0.645963490), SIN_2 = f32x4.splat(0.0796800330)
export let SIN_3 = f32x4.splat(-0.00460165786)
export let COS_0 = f32x4.splat(-1.23370051), COS_1 = f32x4.splat(0.253669232), COS_2 = f32x4.splat(-0.0208602883)
export let COS_3 = f32x4.splat(0.000904021610)
export let TWO_OVER_PI = f64x2.splat(0.6366197723675814), HALF_PI_HIGH = f64x2.splat(1.5707963109016418)
export let HALF_PI_LOW = f64x2.splat(1.5893254773528196e-8), TWO_TO_MINUS_12 = f32x4.splat(0.000244140625)
export let TWO_TO_22 = f32x4.splat(4194304)
export let ONE_INTEGER = i32x4.splat(1),
  TWO_TO_24_INTEGER = i32x4.splat(16777216),
  TWO_TO_MINUS_24 = f32x4.splat(5.9604644775390625e-8)
export let EIGHTH_OF_TURN = i32x4.splat(2097152), TWO_TO_MINUS_22 = f32x4.splat(2.384185791015625e-7)

// Φ(-t) exp(t^2 / 2) for t from 0 to 12.9, which is ½ at 0, as a quotient of polynomials; with a divisor of 1 at 0.
export let MILLS_1 = f32x4.splat(0.29846519231796265), MILLS_2 = f32x4.splat(0.08674796670675278)
export let MILLS_3 = f32x4.splat(0.009987840428948402), MILLS_DIVISOR_1 = f32x4.splat(1.3948148488998413)
export let MILLS_DIVISOR_2 = f32x4.splat(0.7863980531692505), MILLS_DIVISOR_3 = f32x4.splat(0.21597877144813538)
export let MILLS_DIVISOR_4 = f32x4.splat(0.025114430114626884), MOST_DEVIATIONS = f32x4.splat(12.9)

export let TWO_OVER_ROOT_PI = f32x4.splat(1.1283791670955126)
export let MINUS_ONE_OVER_ROOT_2PI = f32x4.splat(-0.3989422804014327)
export let GELU_LINEAR = f32x4.splat(1.5957691216057308), GELU_CUBIC = f32x4.splat(0.07135481627260025)
export let GELU_CUBIC_3 = f32x4.splat(0.21406444881780075), GELU_MOST = f32x4.splat(9.9), GELU_LEAST = f32x4.splat(-9.9)
export let SELU_ALPHA = f32x4.splat(1.6732632423543772), SELU_SCALE = f32x4.splat(1.0507009873554805)
