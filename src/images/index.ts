export { grid } from "./grid.ts"
export type { GridOptions } from "./grid.ts"
export { encodePng, writePng } from "./png.ts"
