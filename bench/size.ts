import { buildPage, convolutional, dense, isWebAssembly, trainingPage } from "../test/support/page.ts"

const both = "Layer.catch(Backend.layerWebgl, () => Backend.layerWasm)"

const kB = (bytes: number) => `${(bytes / 1000).toFixed(0).padStart(4)} kB`

for (
  const [what, page] of [
    ["dense layers on wasm", trainingPage(dense)],
    ["convolutions on wasm", trainingPage(convolutional)],
    ["convolutions on webgl, else wasm", trainingPage(convolutional, both)]
  ] as const
) {
  const files = await buildPage(page)
  const scripts = files.filter((file) => !isWebAssembly(file)).reduce((sum, { packed }) => sum + packed, 0)
  console.log(`\n${what}: ${kB(scripts).trim()} of scripts, packed with gzip`)
  console.log("minified   packed")
  for (const { content, isEntry, name, packed } of [...files].sort((a, b) => b.packed - a.packed)) {
    console.log(` ${kB(content.length)}  ${kB(packed)}  ${name}${isEntry ? " (at once)" : ""}`)
  }
}
