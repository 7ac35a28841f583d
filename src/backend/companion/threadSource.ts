// What main thread and workers share besides the memory of the backend: words that are waited on, far enough apart not
// to share a line of the cache, and the arguments and results of chunks.

/** Changes after each job has been put up: what a worker sleeps on. */
export const CALL = 0
/** How many workers sleep. */
export const SLEEPING = 16
/** The chunks of the job that nobody has taken; below zero after a worker has looked in vain. */
export const LEFT = 32
/** The chunks that are done: what the main thread sleeps on. */
export const DONE = 48
/** Whether it does. */
export const WAITING = 64
/** A chunk threw. */
export const FAILED = 65

// What a job is; written before LEFT, and not while chunks are left or in flight.
export const JOB = 79
export const FUNCTION = 80
export const WIDTH = 81
export const BEFORE = 82
export const BEFORE_WIDTH = 83
/** Where the scratch space of each thread is, or 0; the main thread is the first. */
export const SCRATCH = 96

export const MOST_THREADS = 32
export const WORDS = SCRATCH + MOST_THREADS

// After the words come numbers: results, the arguments of the call before, and those of the chunks.
export const MOST_CHUNKS = 128
export const MOST_ARGUMENTS = 24
export const ARGUMENTS_BEFORE = MOST_CHUNKS
export const ARGUMENTS = ARGUMENTS_BEFORE + MOST_ARGUMENTS
export const NUMBERS = ARGUMENTS + MOST_CHUNKS * MOST_ARGUMENTS

/** Milliseconds for which a worker without work keeps looking for some before it sleeps. */
const SPIN = 0.5

/**
 * The program of a worker, as text, so that bundlers need not know of it: it takes chunks as long as there are any,
 * looks for more for a while, and then sleeps until it is woken.
 */
export const threadSource = /* @__PURE__ */ (() => `
"use strict"
const start = ({ control, memory, module, thread }) => {
  const words = new Int32Array(control, 0, ${WORDS}), numbers = new Float64Array(control, ${4 * WORDS}, ${NUMBERS})
  const exports = new WebAssembly.Instance(module, { env: { memory } }).exports
  const functions = Object.values(exports)
  const pause = typeof Atomics.pause === "function" ? () => Atomics.pause() : () => {}
  const list = (from, count) => {
    const values = []
    for (let i = 0; i < count; i++) values.push(numbers[from + i])
    return values
  }
  let prepared = 0
  const take = () => {
    const chunk = Atomics.sub(words, ${LEFT}, 1) - 1
    if (chunk < 0) return
    try {
      if (words[${BEFORE}] >= 0 && prepared !== words[${JOB}]) {
        functions[words[${BEFORE}]](...list(${ARGUMENTS_BEFORE}, words[${BEFORE_WIDTH}]))
      }
      prepared = words[${JOB}]
      const given = list(${ARGUMENTS} + ${MOST_ARGUMENTS} * chunk, words[${WIDTH}])
      if (words[${SCRATCH}] !== 0) given.push(words[${SCRATCH} + thread])
      numbers[chunk] = functions[words[${FUNCTION}]](...given)
    } catch {
      Atomics.store(words, ${FAILED}, 1)
    }
    Atomics.add(words, ${DONE}, 1)
    if (Atomics.load(words, ${WAITING}) !== 0) Atomics.notify(words, ${DONE})
  }
  const run = () => {
    for (;;) {
      const call = Atomics.load(words, ${CALL}), since = performance.now()
      for (let i = 1; Atomics.load(words, ${LEFT}) <= 0; i++) {
        pause()
        if (i % 64 !== 0 || performance.now() - since < ${SPIN}) continue
        Atomics.add(words, ${SLEEPING}, 1)
        if (Atomics.load(words, ${LEFT}) <= 0) Atomics.wait(words, ${CALL}, call)
        Atomics.sub(words, ${SLEEPING}, 1)
        break
      }
      while (Atomics.load(words, ${LEFT}) > 0) take()
    }
  }
  return run
}
const node = globalThis.process?.getBuiltinModule?.("node:worker_threads")
if (node !== undefined) {
  const { parentPort, workerData } = node
  const run = start(workerData)
  parentPort.postMessage("ready")
  run()
} else {
  addEventListener("message", ({ data }) => {
    const run = start(data)
    postMessage("ready")
    run()
  })
}
`)()
