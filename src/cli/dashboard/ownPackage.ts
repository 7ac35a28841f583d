import { fileURLToPath } from "node:url"

/** The folder of this package, of a clone or as it is installed. */
export const root = fileURLToPath(new URL("../../../", import.meta.url))

const source = (file: string): string => `${root}src/${file}`

/** What the page, its worker and experiments mean by this package: its sources, of which there is one copy then. */
export const alias = [
  { find: /^effect-neuron\/remote$/, replacement: source("remote/index.ts") },
  { find: /^effect-neuron\/remote\/browser$/, replacement: source("remote/browser.ts") },
  { find: /^effect-neuron\/browser$/, replacement: source("browser.ts") },
  { find: /^effect-neuron$/, replacement: source("index.ts") }
]
