export { download } from "./browser/download.ts"
export { layerIndexedDb } from "./browser/layerIndexedDb.ts"
