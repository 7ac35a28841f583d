/** The numbers and booleans of a value by name, those of a record behind a dot; lists are left out. */
export const put = (out: { [name: string]: number | boolean }, name: string, value: unknown): void => {
  if (typeof value === "number" || typeof value === "boolean") out[name] = value
  else if (typeof value === "object" && value !== null && !Array.isArray(value)) {
    for (const [key, child] of Object.entries(value)) put(out, `${name}.${key}`, child)
  }
}
