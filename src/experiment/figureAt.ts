/** The number at a path in figures: `validation.loss`. */
export const figureAt = (figures: object, path: string): number | undefined => {
  let found: unknown = figures
  for (const name of path.split(".")) {
    found = typeof found === "object" && found !== null
      ? (found as { readonly [name: string]: unknown })[name]
      : undefined
  }
  return typeof found === "number" ? found : undefined
}
