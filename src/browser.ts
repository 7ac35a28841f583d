export { download } from "./browser/download.ts"
export { layerIndexedDb } from "./browser/layerIndexedDb.ts"
export { layerScheduler } from "./browser/layerScheduler.ts"
export { runMain } from "./browser/runMain.ts"
