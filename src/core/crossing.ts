/** Whether a step is the first at or past a multiple of `n`, of all that come by. */
export const crossing = (n: number, start: number): (step: number) => boolean => {
  let before = start
  return (step) => {
    const crossed = Math.floor(step / n) > Math.floor(before / n)
    before = step
    return crossed
  }
}
