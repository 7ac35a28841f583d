import { readFileSync } from "node:fs"
import { messageOf } from "../../src/core/messageOf.ts"
import { answer, answerLines } from "../answers.ts"
import type { PeerName } from "../contestants.ts"
import type { Peer, PeerModel } from "./peer.ts"

// node worker.ts <peer> <model> <batch>: as the worker of the library itself, with the steps of another one.
const [name, model, batch] = process.argv.slice(2) as [Exclude<PeerName, "torch1" | "torch2">, PeerModel, string]

// Libraries may greet on the console, which belongs to the answers here.
console.log = console.info = console.warn = console.error

const peers: { readonly [P in typeof name]: { readonly package: string; readonly peer: () => Promise<Peer> } } = {
  tfjsWasm: {
    package: "@tensorflow/tfjs-layers",
    peer: async () => (await import("./tfjsLayers.ts")).tfjsLayers("wasm")
  },
  tfjsCpu: {
    package: "@tensorflow/tfjs-layers",
    peer: async () => (await import("./tfjsLayers.ts")).tfjsLayers("cpu")
  },
  jax: { package: "@jax-js/jax", peer: async () => (await import("./jax.ts")).jax },
  brain: { package: "brain.js", peer: async () => (await import("./brain.ts")).brain }
}

const failure = (cause: unknown) => {
  const message = messageOf(cause)
  return { failed: `failed: ${message.replace(/\s+/g, " ").trim()}` }
}

const versionOf = (name: string): string | undefined => {
  try {
    const file = new URL(`../node_modules/${name}/package.json`, import.meta.url)
    return (JSON.parse(readFileSync(file, "utf8")) as { readonly version: string }).version
  } catch {
    return undefined
  }
}

const serve = async () => {
  const version = versionOf(peers[name].package)
  if (version === undefined) return answer({ failed: "not installed (npm ci in bench)" })
  const { step, steps } = await (await peers[name].peer())(model, Number(batch))
  answer({ version })
  await answerLines(async (count) => {
    const cpu = process.threadCpuUsage(), start = performance.now()
    let loss = Number.NaN
    if (steps === undefined) { for (let i = 0; i < count; i++) loss = await step() }
    else loss = steps(count)
    const wall = performance.now() - start, { system, user } = process.threadCpuUsage(cpu)
    if (!Number.isFinite(loss)) throw new Error(`its loss is ${loss}`)
    return { wall: wall / count, cpu: (user + system) / 1000 / count, loss }
  })
}

await serve().catch((cause: unknown) => answer(failure(cause)))
