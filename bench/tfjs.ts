import { createRequire } from "node:module"

// The TensorFlow.js that the library itself uses. A plain import from here would find the copy of the peers, as soon as
// they are installed.
const require = createRequire(new URL("../src/index.ts", import.meta.url))

type Core = typeof import("../node_modules/@tensorflow/tfjs-core", { with: { "resolution-mode": "require" }})

export const tf = require("@tensorflow/tfjs-core") as Core

export type Tensor = ReturnType<typeof tf.tensor>
