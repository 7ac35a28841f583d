import { NUMBERS, threadSource, WORDS } from "./threadSource.ts"

/** What this file needs of the workers of Node and of pages. */
interface Thread {
  readonly terminate: () => unknown
  readonly unref?: () => void
}

/** Workers that wait for chunks of kernels, and what they share with the main thread. */
export interface Threads {
  readonly memory: WebAssembly.Memory
  /** With the main thread. */
  readonly count: number
  readonly words: Int32Array
  readonly numbers: Float64Array
  readonly stop: () => Promise<unknown>
}

interface NodeModules {
  readonly getBuiltinModule?: (name: "node:worker_threads") => {
    readonly Worker: new(source: string, options: object) => Thread & {
      readonly on: (event: string, listener: (value: unknown) => void) => void
    }
  }
}

// Without an import, which bundles for pages could not resolve.
const ofNode = () =>
  (globalThis as { readonly process?: NodeModules }).process?.getBuiltinModule?.("node:worker_threads")

const NAME = "effect-neuron"
const REFUSED = "its worker could not be loaded; a content security policy has to have worker-src blob:"

/** Starts a worker; resolves when it is ready. `lost` is called when it fails after that. */
const startThread = async (input: object, lost: () => unknown): Promise<Thread> => {
  const node = ofNode()
  let thread: Thread | undefined, address: string | undefined, isReady = false
  try {
    await new Promise<void>((resolve, reject) => {
      const fail = (cause: unknown) => {
        reject(cause as Error)
        if (isReady) lost()
      }
      if (node !== undefined) {
        // Options of the process may not suit a program that is text.
        const worker = new node.Worker(threadSource, { eval: true, workerData: input, execArgv: [], name: NAME })
        thread = worker
        worker.on("message", () => resolve())
        worker.on("error", fail)
        worker.on("exit", () => reject(new Error("the thread ended")))
      } else {
        address = URL.createObjectURL(new Blob([threadSource], { type: "text/javascript" }))
        const worker = new Worker(address, { name: NAME })
        thread = worker
        worker.addEventListener("message", () => resolve())
        worker.addEventListener("error", ({ message }) => fail(new Error(message || REFUSED)))
        worker.postMessage(input)
      }
    })
    isReady = true
  } catch (cause) {
    await thread?.terminate()
    throw cause
  } finally {
    if (address !== undefined) URL.revokeObjectURL(address)
  }
  // A program ends although its workers wait.
  thread!.unref?.()
  return thread!
}

/** Starts as many workers as make `count` threads with this one, each with the module over the same, shared memory. */
export const startThreads = async (
  count: number,
  module: WebAssembly.Module,
  memory: WebAssembly.Memory,
  lost: () => unknown
): Promise<Threads> => {
  const control = new SharedArrayBuffer(4 * WORDS + 8 * NUMBERS)
  const started = await Promise.allSettled(
    Array.from({ length: count - 1 }, (_, i) => startThread({ control, memory, module, thread: i + 1 }, lost))
  )
  const workers = started.flatMap((result) => result.status === "fulfilled" ? [result.value] : [])
  const stop = () => Promise.all(workers.map((worker) => worker.terminate()))
  const failed = started.find((result) => result.status === "rejected")
  if (failed !== undefined) {
    await stop()
    throw failed.reason
  }
  return {
    memory,
    count,
    words: new Int32Array(control, 0, WORDS),
    numbers: new Float64Array(control, 4 * WORDS, NUMBERS),
    stop
  }
}
