import { fileURLToPath } from "node:url"
import { writeSite } from "./site.ts"

const folder = process.argv[2] ?? fileURLToPath(new URL("../site", import.meta.url))
const modules = writeSite(folder)
const names = modules.reduce((sum, { entries }) => sum + entries.length, 0)
process.stdout.write(`${folder}/index.html: ${names} public names in ${modules.length} modules\n`)
