import type { KernelSet } from "./registry.ts"

/** One set of several. */
export const union = (...sets: ReadonlyArray<Partial<KernelSet>>): KernelSet => ({
  gradients: sets.flatMap(({ gradients = [] }) => gradients),
  kernels: sets.flatMap(({ kernels = [] }) => kernels),
  compositions: Object.assign({}, ...sets.map(({ compositions = {} }) => compositions)) as NonNullable<
    KernelSet["compositions"]
  >,
  takes: Object.assign({}, ...sets.map(({ takes = {} }) => takes)) as NonNullable<KernelSet["takes"]>
})
