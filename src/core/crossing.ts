/**
 * Whether a step is the first at or past a multiple of `n`, of all that come by after `start`; by default the one
 * before the first of them.
 */
export const crossing = (n: number, start = Infinity): (step: number) => boolean => {
  let before: number | undefined
  return (step) => {
    before ??= Math.min(start, step - 1)
    const crossed = Math.floor(step / n) > Math.floor(before / n)
    before = step
    return crossed
  }
}
