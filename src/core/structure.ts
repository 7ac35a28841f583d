/** A structure of records and arrays with leaves of one type. */
export type Structure<Leaf> = Leaf | { readonly [k: string]: Structure<Leaf> } | ReadonlyArray<Structure<Leaf>>

/** What tells a leaf from the records and arrays that hold it. */
export type IsLeaf = (node: unknown) => boolean

/** Whether a value is a plain record or an array, of any realm: what a tree is made of beside its leaves. */
export const isBranch = (u: unknown): u is { readonly [k: string]: unknown } | ReadonlyArray<unknown> => {
  if (typeof u !== "object" || u === null) return false
  if (Array.isArray(u)) return true
  const prototype: unknown = Object.getPrototypeOf(u)
  return prototype === null || Object.getPrototypeOf(prototype) === null
}

/** The path of a child: keys joined by dots. */
export const join = (path: string, key: string | number): string => path === "" ? String(key) : `${path}.${key}`

/** Whether a path is that of a parent or of what is below it. */
export const isBelow = (path: string, parent: string): boolean => path === parent || path.startsWith(`${parent}.`)

/**
 * The structure with `f` of each leaf in its place; what is neither leaf, record nor array stays. Every function of
 * trees that makes a tree is this one.
 */
export const mapLeaves = (
  tree: unknown,
  isLeaf: IsLeaf,
  f: (leaf: never, path: string) => unknown
): unknown => {
  const go = (node: unknown, path: string): unknown => {
    if (isLeaf(node)) return f(node as never, path)
    if (typeof node !== "object" || node === null) return node
    if (Array.isArray(node)) return node.map((child, i) => go(child, join(path, i)))
    const out: { [k: string]: unknown } = {}
    for (const key of Object.keys(node)) out[key] = go((node as { [k: string]: unknown })[key], join(path, key))
    return out
  }
  return go(tree, "")
}

/** {@link mapLeaves} without paths, which take as long as all else. */
export const replaceLeaves = (tree: unknown, isLeaf: IsLeaf, f: (leaf: never) => unknown): unknown => {
  const go = (node: unknown): unknown => {
    if (isLeaf(node)) return f(node as never)
    if (typeof node !== "object" || node === null) return node
    if (Array.isArray(node)) return node.map(go)
    const out: { [k: string]: unknown } = {}
    for (const key of Object.keys(node)) out[key] = go((node as { [k: string]: unknown })[key])
    return out
  }
  return go(tree)
}

/**
 * Calls `f` with each leaf in the order of the keys: {@link mapLeaves} without paths, and without a tree that it makes.
 */
export const eachLeaf = (tree: unknown, isLeaf: IsLeaf, f: (leaf: never) => void): void => {
  const go = (node: unknown): void => {
    if (isLeaf(node)) f(node as never)
    else if (typeof node === "object" && node !== null) {
      for (const child of Array.isArray(node) ? node : Object.values(node)) go(child)
    }
  }
  go(tree)
}

/** A structure as it stands in messages, `{ x: …, y: [ …, … ] }`, with each leaf as `write` has it. */
export const formatLeaves = (tree: unknown, isLeaf: IsLeaf, write: (leaf: never) => string): string => {
  const go = (node: unknown): string => {
    if (isLeaf(node)) return write(node as never)
    if (typeof node !== "object" || node === null) return String(node)
    if (Array.isArray(node)) return `[${node.map(go).join(", ")}]`
    return `{ ${Object.entries(node).map(([key, child]) => `${key}: ${go(child)}`).join(", ")} }`
  }
  return go(tree)
}
