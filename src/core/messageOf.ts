/** What a failure says, whatever was thrown. */
export const messageOf = (cause: unknown): string => {
  if (cause instanceof Error) return cause.message
  if (typeof cause !== "object" || cause === null) return String(cause)
  try {
    return JSON.stringify(cause)
  } catch {
    // In a circle, or with a bigint.
    return Object.prototype.toString.call(cause)
  }
}
