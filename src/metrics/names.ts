const reserved: ReadonlySet<string> = new Set(["step", "loss", "size", "epoch", "endOfEpoch", "weight"])

/** Whether a name is one of a step's own. */
export const isReserved = (name: string): boolean => reserved.has(name)

/** Throws a `RangeError` for a name that a metric cannot have. */
export const checkName = (name: string): void => {
  if (isReserved(name)) throw new RangeError(`a metric cannot be named ${name}, which is a step's own`)
}
