import { runningCompanion, scratch } from "./companion.ts"
import type { Threads } from "./threads.ts"
import {
  ARGUMENTS,
  ARGUMENTS_BEFORE,
  BEFORE,
  BEFORE_WIDTH,
  CALL,
  DONE,
  FAILED,
  FUNCTION,
  JOB,
  LEFT,
  MOST_ARGUMENTS,
  MOST_CHUNKS,
  SCRATCH,
  SLEEPING,
  WAITING,
  WIDTH
} from "./threadSource.ts"

let threads: Threads | undefined

/** Gives kernels threads to share their work with, or takes them away; returns those that they had. */
export const useThreads = (given: Threads | undefined): Threads | undefined => {
  const before = threads
  threads = given
  return before
}

// In tests: work is shared however little it is, and the other threads do all of it.
let everything = false

/** Leaves everything to the other threads, so that tests see what they compute. */
export const leaveToOthers = (leave: boolean): void => {
  everything = leave
}

/** Below so many nanoseconds of work on one thread, to share it costs more than it saves. */
const WORTHWHILE = 20_000

/** Parts for each thread, so that one that is held up by another program leaves less to wait for. */
const PARTS = 4

/**
 * Cuts `0 … count` into parts that threads can work on, at multiples of `unit`, as pairs of the first and how many; the
 * whole where there is one thread or all of it takes less than is worthwhile. `work` is the time that one thread takes,
 * in nanoseconds, of which an estimate will do.
 */
export const partsOf = (
  count: number,
  unit: number,
  work: number,
  perThread = PARTS
): ReadonlyArray<readonly [first: number, count: number]> => {
  const units = Math.ceil(count / unit)
  if (threads === undefined || work < WORTHWHILE && !everything || units < 2) return [[0, count]]
  const parts = Math.min(units, MOST_CHUNKS, threads.count * perThread)
  return Array.from({ length: parts }, (_, i) => {
    const first = Math.floor(i * units / parts) * unit
    return [first, Math.min(count, Math.floor((i + 1) * units / parts) * unit) - first]
  })
}

// How many jobs are not shared from now on, and how many it was last time.
let pauseFor = 0
let pausedFor = 0
const LONGEST_PAUSE = 500

/** Milliseconds that sharing has gained, up to what a program now and then may take away. */
let gained = 0
const MOST_GAINED = 5

/**
 * Where other programs take the processor from a thread in the middle of a chunk, waiting for it may cost more than
 * sharing gains: then jobs are not shared for a while, and for longer each time. `own` is the time in which the caller
 * did `mine` of `all` chunks, and `waited` that in which it waited for the others.
 */
const watch = (mine: number, all: number, own: number, waited: number): void => {
  if (mine === 0) return
  gained = Math.min(MOST_GAINED, gained + own * all / mine - own - waited)
  if (gained < 0) {
    pauseFor = pausedFor = Math.min(LONGEST_PAUSE, 2 * pausedFor + 20)
    gained = 0
  } else if (gained === MOST_GAINED) pausedFor = 0
}

type Function = (...args: ReadonlyArray<number>) => number

/** What a job needs besides its chunks. */
export interface Needs {
  /** Nanoseconds that all chunks take on one thread, where they may be too few to be shared. */
  readonly work?: number
  /** So many bytes of scratch space for each thread, whose address follows the arguments of a chunk. */
  readonly scratch?: number
  /** A call that each thread makes before its first chunk, of a function that sets variables of the module. */
  readonly before?: readonly [name: string, ...args: ReadonlyArray<number>]
}

/**
 * Calls a function of the companion module for each chunk, a list of its arguments, and returns what the calls return.
 * Chunks are run by all threads at once, this one included, in any order; none may depend on what another writes. The
 * caller takes chunks as long as there are any, so that it does them all where the others are not given a processor.
 */
export const parallel = (
  name: string,
  chunks: ReadonlyArray<ReadonlyArray<number>>,
  { before, scratch: bytes, work = WORTHWHILE }: Needs = {}
): ReadonlyArray<number> => {
  const { exports, memory } = runningCompanion()!, functions = exports as { readonly [name: string]: Function }
  const run = functions[name]!, own = bytes === undefined ? [] : [scratch(bytes, 1)]
  if (before !== undefined) functions[before[0]]!(...before.slice(1) as Array<number>)
  const alone = () => chunks.map((chunk) => run(...chunk, ...own))
  if (threads === undefined || threads.memory !== memory || chunks.length < 2 || work < WORTHWHILE && !everything) {
    return alone()
  }
  if (chunks.length > MOST_CHUNKS) {
    const halves = [chunks.slice(0, chunks.length >> 1), chunks.slice(chunks.length >> 1)]
    return halves.flatMap((half) => parallel(name, half, { ...before && { before }, ...bytes && { scratch: bytes } }))
  }
  if (pauseFor > 0 && !everything) {
    pauseFor--
    return alone()
  }
  const { count, numbers, words } = threads, width = chunks[0]!.length, names = namesOf(exports)
  if (width > MOST_ARGUMENTS) throw new Error(`${name} has more arguments than there is room for`)
  words[FUNCTION] = names.indexOf(name)
  words[WIDTH] = width
  words[BEFORE] = before === undefined ? -1 : names.indexOf(before[0])
  if (before !== undefined) {
    words[BEFORE_WIDTH] = before.length - 1
    for (let i = 1; i < before.length; i++) numbers[ARGUMENTS_BEFORE + i - 1] = before[i] as number
  }
  words[SCRATCH] = own.length
  if (bytes !== undefined) { for (let i = 1; i < count; i++) words[SCRATCH + i] = scratch(bytes, i + 1) }
  chunks.forEach((chunk, i) => numbers.set(chunk, ARGUMENTS + MOST_ARGUMENTS * i))
  const start = performance.now()
  words[JOB]!++
  Atomics.store(words, DONE, 0)
  Atomics.store(words, LEFT, chunks.length)
  Atomics.add(words, CALL, 1)
  if (Atomics.load(words, SLEEPING) > 0) Atomics.notify(words, CALL)

  let failure: { readonly cause: unknown } | undefined
  const next = () => everything ? -1 : Atomics.sub(words, LEFT, 1) - 1
  let mine = 0
  for (let chunk; (chunk = next()) >= 0; mine++) {
    try {
      if (failure === undefined) numbers[chunk] = run(...chunks[chunk]!, ...own)
    } catch (cause) {
      failure = { cause }
    }
    Atomics.add(words, DONE, 1)
  }
  const done = performance.now()
  waitFor(words, chunks.length)
  watch(mine, chunks.length, done - start, performance.now() - done)
  if (failure !== undefined) throw failure.cause
  if (Atomics.exchange(words, FAILED, 0) !== 0) throw new Error(`${name} failed in a thread`)
  return chunks.map((_, i) => numbers[i]!)
}

/** What threads share: see `partsOf`. */
export interface Shared {
  readonly count: number
  readonly unit: number
  readonly work: number
  readonly perThread?: number
}

/** Calls a function of the companion module for each part, with the arguments that `chunk` makes for it. */
export const share = (
  name: string,
  { count, perThread, unit, work }: Shared,
  chunk: (first: number, count: number) => ReadonlyArray<number>,
  needs?: Needs
): ReadonlyArray<number> =>
  parallel(name, partsOf(count, unit, work, perThread).map(([first, some]) => chunk(first, some)), needs)

/** Parts of a sum that goes over a batch, if it is worth to share. */
const SUMMANDS = 4

/**
 * Cuts `0 … count` into parts of a sum. Floats are added up in another order in parts, and results must not depend on
 * the number of threads: the parts do neither.
 */
export const fixedParts = (count: number, work: number): ReadonlyArray<readonly [first: number, count: number]> => {
  const parts = work < WORTHWHILE ? 1 : Math.min(count, SUMMANDS)
  return Array.from({ length: parts }, (_, i) => {
    const first = Math.floor(i * count / parts)
    return [first, Math.floor((i + 1) * count / parts) - first]
  })
}

/**
 * Calls a function for each part of a sum, which writes `size` floats to where its chunk says, and adds up what they
 * write. Returns what the calls return.
 */
export const addedUp = <Part>(
  name: string,
  parts: ReadonlyArray<Part>,
  size: number,
  to: number,
  needs: Needs,
  chunk: (part: Part, to: number) => ReadonlyArray<number>
): ReadonlyArray<number> => {
  if (parts.length === 1) return parallel(name, [chunk(parts[0]!, to)], needs)
  const sums = scratch(4 * size * parts.length)
  const results = parallel(name, parts.map((part, i) => chunk(part, sums + 4 * size * i)), needs)
  parallel("sumOfParts", [[size, parts.length, sums, to]])
  return results
}

let known: { readonly exports: WebAssembly.Exports; readonly names: ReadonlyArray<string> } | undefined
const namesOf = (exports: WebAssembly.Exports): ReadonlyArray<string> => {
  if (known?.exports !== exports) known = { exports, names: Object.keys(exports) }
  return known.names
}

/** Milliseconds for which chunks in flight are waited for awake. */
const SPIN = 0.2

/** Whether this thread may sleep, which that of a page may not. */
const maySleep = (): boolean => typeof document === "undefined"

/** Waits until so many chunks are done. */
const waitFor = (words: Int32Array, count: number): void => {
  const until = performance.now() + SPIN
  for (let i = 1; Atomics.load(words, DONE) < count; i++) {
    pause()
    if (i % 64 !== 0 || performance.now() < until || !maySleep()) continue
    Atomics.store(words, WAITING, 1)
    for (let done; (done = Atomics.load(words, DONE)) < count;) Atomics.wait(words, DONE, done)
    Atomics.store(words, WAITING, 0)
  }
}

/** Tells the processor that this is a loop that waits. */
const pause: () => void = (Atomics as { readonly pause?: () => void }).pause?.bind(Atomics) ?? (() => {})
