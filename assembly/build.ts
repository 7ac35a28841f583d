// Compiles the kernels twice, with and without relaxed SIMD, into TypeScript modules that hold the bytes as base64:
// they load the same way in Node, in a page and in a worker, whatever the bundler. And copies the modules of
// TensorFlow.js to where bundlers find them. node assembly/build.ts
import { main } from "assemblyscript/asc"
import { copyFileSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import { createRequire } from "node:module"
import { generateMicroKernels } from "./generateMicroKernels.ts"

const folder = new URL("../src/backend/companion/generated/", import.meta.url)
const entry = "assembly/index.ts"

process.chdir(new URL("..", import.meta.url).pathname)
mkdirSync(folder, { recursive: true })
generateMicroKernels(new URL("generated/", import.meta.url))

for (const [name, features] of [["simd", ["simd"]], ["relaxed", ["simd", "relaxed-simd"]]] as const) {
  const output = `src/backend/companion/generated/${name}.wasm`
  const { error, stderr } = await main([
    ...[entry, "--outFile", output, "-O3", "--noAssert", "--runtime", "stub", "--importMemory", "--use", "abort="],
    ...features.flatMap((feature) => ["--enable", feature])
  ])
  if (error !== null) {
    process.stderr.write(stderr.toString())
    process.exit(1)
  }
  const base64 = readFileSync(output).toString("base64")
  writeFileSync(new URL(`${name}.ts`, folder), `export const base64 =\n  "${base64}"\n`)
  rmSync(output)
}

const stock = createRequire(import.meta.url).resolve("@tensorflow/tfjs-backend-wasm")
for (const file of ["tfjs-backend-wasm-simd.wasm", "tfjs-backend-wasm.wasm"]) {
  copyFileSync(stock.replace(/[^/\\]*$/, file), new URL(`../wasm/${file}`, import.meta.url))
}
