import { isShared, runningCompanion } from "./companion.ts"
import { useThreads } from "./parallel.ts"
import { startThreads } from "./threads.ts"
import type { Threads } from "./threads.ts"

// The threads of all layers that are open: one set serves them, as one backend does.
let running: { readonly threads: Threads; readonly module: WebAssembly.Module; holders: number } | undefined

/** Ends threads that hold another module than the one that is loaded now, whose bits may be others. */
export const stopStrangers = async (): Promise<void> => {
  if (running === undefined || running.module === runningCompanion()?.module) return
  const { threads } = running
  running = undefined
  useThreads(undefined)
  await threads.stop()
}

/**
 * Starts threads for the kernels of the backend in force, or takes part in those that there are; what it returns ends
 * them when nobody else holds them. `obstacle` is why the memory is not shared, if it is not. One call at a time.
 */
export const shareThreads = async (count: number, obstacle: unknown): Promise<() => Promise<void>> => {
  const companion = runningCompanion()
  if (companion === undefined) throw new Error("the module with the kernels that can share their work is not loaded")
  const { memory, module } = companion
  if (!isShared(memory)) {
    throw obstacle ?? new Error("it was started for one thread, in memory that cannot be shared, and holds tensors")
  }
  if (running?.threads.memory !== memory || running.threads.count < count) {
    // One that fails takes the others with it.
    const threads = await startThreads(count, module, memory, () => useThreads(undefined))
    useThreads(threads)
    await running?.threads.stop()
    running = { threads, module, holders: 0 }
  }
  const held = running
  held.holders++
  return async () => {
    if (--held.holders > 0 || running !== held) return
    running = undefined
    useThreads(undefined)
    await held.threads.stop()
  }
}
