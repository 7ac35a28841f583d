import { fileURLToPath } from "node:url"
import { build } from "vite"
import type { Plugin } from "vite"

const root = fileURLToPath(new URL("../..", import.meta.url))

/**
 * Serves the workers of tests in a page as one file each, as a built page does. Vite would have every one of them load
 * some hundreds of modules, which takes longer than most of what is tested.
 */
export const bundledWorkers: Plugin = {
  name: "bundled workers",
  configureServer: ({ config, middlewares, watcher }) => {
    const bundles = new Map<string, Promise<string>>()
    watcher.on("all", () => bundles.clear())
    const bundle = async (file: string): Promise<string> => {
      const output = await build({
        configFile: false,
        root,
        logLevel: "silent",
        resolve: { alias: config.resolve.alias },
        build: {
          write: false,
          target: "esnext",
          minify: false,
          modulePreload: false,
          assetsInlineLimit: () => true,
          rolldownOptions: { input: `${root}${file}`, output: { codeSplitting: false } }
        }
      })
      if (Array.isArray(output) || !("output" in output) || output.output.length > 1) {
        throw new Error(`${file}: expected one file`)
      }
      return output.output[0].code
    }
    middlewares.use((request, response, next) => {
      const file = /^\/(.*\.ts)\?worker_file\b/.exec(request.url ?? "")?.[1]
      if (file === undefined) return next()
      if (!bundles.has(file)) bundles.set(file, bundle(file))
      bundles.get(file)!.then((code) => {
        response.writeHead(200, { "content-type": "text/javascript", ...config.server.headers })
        response.end(code)
      }, next)
    })
  }
}
