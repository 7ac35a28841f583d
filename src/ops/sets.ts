import type { KernelSet } from "../backend/registry.ts"

/** One set of several. */
export const union = (...sets: ReadonlyArray<Partial<KernelSet>>): KernelSet => ({
  gradients: sets.flatMap(({ gradients = [] }) => gradients),
  kernels: sets.flatMap(({ kernels = [] }) => kernels),
  compositions: Object.assign({}, ...sets.map(({ compositions = {} }) => compositions)) as NonNullable<
    KernelSet["compositions"]
  >,
  takes: Object.assign({}, ...sets.map(({ takes = {} }) => takes)) as NonNullable<KernelSet["takes"]>
})

/** That kernels of these names are given floats, or numbers, in place of what they do not take. */
export const taking = (
  what: "floats" | "numbers",
  ...kernelNames: ReadonlyArray<string>
): NonNullable<KernelSet["takes"]> => Object.fromEntries(kernelNames.map((name) => [name, what]))
