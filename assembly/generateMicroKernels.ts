// Writes assembly/generated/microKernels.ts, the innermost loops of the matrix product: a kernel for each number of
// rows from 1 to 12 keeps a block of [rows, 8] of the result in registers, two vectors per row, over the whole depth.
// The compiler knows no arrays of registers, so that each of them has to be a variable with a name of its own.
import { mkdirSync, writeFileSync } from "node:fs"

// More than 7 rows do not fit into the 16 registers of an x86, but what is spilled costs less than it spares in loads
// of B.
const ROWS = 12
const UNROLLED = 4

const range = (n: number): ReadonlyArray<number> => Array.from({ length: n }, (_, i) => i)

// The depth comes in segments of so many steps, `aSegment` and `bSegment` bytes apart in A and B: one of a matrix, one
// for each row of a window of an image. Strides are in bytes too. `accumulate` adds to what C holds.
const parameters = "segments: i32, depth: i32, a: usize, aStride: usize, aSegment: usize, " +
  "b: usize, bStride: usize, bSegment: usize, c: usize, cStride: usize, accumulate: i32"
const names = parameters.replace(/: \w+/g, "")

/**
 * How a block of A is read. By rows: element (row, k) lies at row * stride + 4 * k bytes, and each row has a pointer.
 * By columns, A being transposed or packed: at k * stride + 4 * row bytes, and there is one pointer.
 */
interface Layout {
  readonly name: string
  readonly pointers: (rows: number) => ReadonlyArray<string>
  readonly element: (row: number, k: number) => string
  readonly afterEach: string
  readonly afterAll: (rows: number, k: number) => string
}

const byRows: Layout = {
  name: "Rows",
  pointers: (rows) => range(rows).map((row) => `let a${row} = a + ${row} * aStride`),
  element: (row, k) => `v128.load32_splat(a${row}, ${4 * k})`,
  afterEach: "",
  afterAll: (rows, k) => range(rows).map((row) => `a${row} += ${4 * k}`).join("; ")
}

const byColumns: Layout = {
  name: "Columns",
  pointers: () => ["let column = a"],
  element: (row) => `v128.load32_splat(column, ${4 * row})`,
  afterEach: "; column += aStride",
  afterAll: () => ""
}

/** One step along the depth: eight neighbors of a row of B, times each element of a column of A. */
const step = (layout: Layout, rows: number, k: number): string =>
  `{ const left = v128.load(row), right = v128.load(row, 16)
${
    range(rows).map((i) =>
      `{ const x = ${layout.element(i, k)}; l${i} = madd(x, left, l${i}); r${i} = madd(x, right, r${i}) }`
    ).join("\n")
  }
row += bStride${layout.afterEach} }`

const kernel = (layout: Layout, rows: number): string => `
function block${layout.name}${rows}(${parameters}): void {
const zero = f32x4.splat(0)
${range(rows).map((i) => `let l${i} = zero, r${i} = zero`).join("\n")}
if (accumulate) {
let to = c
${range(rows).map((i) => `l${i} = v128.load(to); r${i} = v128.load(to, 16); to += cStride`).join("\n")}
}
for (; segments > 0; segments--, a += aSegment, b += bSegment) {
${layout.pointers(rows).join("\n")}
let row = b, k = depth
for (; k >= ${UNROLLED}; k -= ${UNROLLED}) {
${range(UNROLLED).map((k) => step(layout, rows, k)).join("\n")}
${layout.afterAll(rows, UNROLLED)}
}
for (; k > 0; k--) {
${step(layout, rows, 0)}
${layout.afterAll(rows, 1)}
}
}
${range(rows).map((i) => `v128.store(c, l${i}); v128.store(c, r${i}, 16); c += cStride`).join("\n")}
}`

const dispatch = ({ name }: Layout): string => `
export function block${name}(rows: i32, ${parameters}): void {
switch (rows) {
${range(ROWS).map((i) => `case ${i + 1}: block${name}${i + 1}(${names}); break`).join("\n")}
}
}`

export const generateMicroKernels = (folder: URL): void => {
  mkdirSync(folder, { recursive: true })
  const functions = [byRows, byColumns].flatMap((layout) =>
    range(ROWS).map((i) => kernel(layout, i + 1)).concat(dispatch(layout))
  )
  writeFileSync(new URL("microKernels.ts", folder), `import { madd } from "../simd"\n${functions.join("\n")}\n`)
}
