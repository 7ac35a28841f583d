import { fail, shapeOf } from "../backend/checks.ts"
import { isBranch } from "../core/structure.ts"
import { isTensor } from "../core/Tree.ts"

const found = (x: unknown): string =>
  isTensor(x) ? shapeOf(x) : isBranch(x) ? `{ ${Object.keys(x).join(", ")} }` : String(x)

/** The parts of a batch under keys. Fails where one is missing: types forbid it, data do not. */
export const partsOf = <A>(
  kind: string,
  keys: ReadonlyArray<string | number>,
  x: { readonly [key: string | number]: A }
): ReadonlyArray<A> =>
  isBranch(x) && !isTensor(x) && keys.every((key) => x[key] !== undefined)
    ? keys.map((key) => x[key]!)
    : fail(kind, `{ ${keys.join(", ")} }`, found(x))
