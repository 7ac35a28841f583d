export { writer } from "./writer.ts"
export type { Writer, WriterOptions } from "./writer.ts"
