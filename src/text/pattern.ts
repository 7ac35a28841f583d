// What regular expressions of Rust and Oniguruma mean by these, which is more than what they mean in JavaScript.
const classes: { readonly [escape: string]: string } = {
  s: String.raw`\p{White_Space}`,
  S: String.raw`\P{White_Space}`,
  d: String.raw`\p{Nd}`,
  D: String.raw`\P{Nd}`,
  w: String.raw`\p{L}\p{M}\p{Nd}\p{Pc}`
}

// Letters beyond ASCII that are the same as one of it when case does not matter.
const folded: { readonly [letter: string]: string } = { k: "kK\u212a", s: "sS\u017f" }

/** A group in which case does not matter, which not every JavaScript can say, with both cases of each letter. */
const anyCase = (group: string): string => {
  let isClass = false
  return group.replaceAll(/\\.|[[\]a-z]/gi, (part) => {
    if (part === "[" || part === "]") isClass = part === "["
    if (!/^[a-z]$/i.test(part)) return part
    const both = folded[part.toLowerCase()] ?? part.toLowerCase() + part.toUpperCase()
    return isClass ? both : `[${both}]`
  })
}

/**
 * A regular expression as tokenizers of others have it. Throws a `SyntaxError` for what JavaScript cannot say.
 */
export const regExpOf = (pattern: string): RegExp => {
  const expanded = pattern.replaceAll(/\(\?i:([^()]*)\)/g, (_, group: string) => `(?:${anyCase(group)})`)
  let depth = 0
  const source = expanded.replaceAll(/\\[\s\S]|[[\]]/g, (part) => {
    if (part === "[") depth++
    else if (part === "]") depth--
    const meant = part.length > 1 ? classes[part[1]!] : undefined
    if (meant === undefined) return part
    return part === "\\w" && depth === 0 ? `[${meant}]` : meant
  })
  return new RegExp(source, "gu")
}
