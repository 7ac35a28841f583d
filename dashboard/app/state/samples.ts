/**
 * What a generator has drawn in the course of its training, always of the same noise: plain data, which can be stored.
 */
export interface Samples {
  /** The step of each picture, rising. */
  readonly steps: Array<number>
  readonly pictures: Array<Picture>
  /** How many steps, at least, lie between two pictures, the last one left out. */
  stride: number
}

/** A picture of bytes, row by row. */
export interface Picture {
  readonly data: Uint8Array
  readonly height: number
  readonly width: number
  /** 1, or 3 for one in color. By default 1. */
  readonly channels?: number
}

/** At most this many pictures: one takes some tens of kilobytes, and all are written with each checkpoint. */
export const LIMIT = 32

export const noSamples = (): Samples => ({ steps: [], pictures: [], stride: 1 })

/**
 * Adds the picture of a step. The last one is always the newest, and takes the place of the one before it while they
 * are less than a stride apart. When there are more than {@link LIMIT}, every other one goes.
 */
export const addPicture = (samples: Samples, step: number, picture: Picture): void => {
  const { pictures, steps } = samples, last = steps.length - 1
  if (last >= 0 && step <= steps[last]!) return
  if (last >= 1 && steps[last]! - steps[last - 1]! < samples.stride) {
    steps[last] = step
    pictures[last] = picture
    return
  }
  steps.push(step)
  pictures.push(picture)
  if (steps.length <= LIMIT) return
  samples.stride = 2 * Math.ceil((step - steps[0]!) / LIMIT)
  keepOnly(samples, (i) => i % 2 === 0 || i === steps.length - 1)
}

/** Leaves out what is after a step: it is going to be trained again. */
export const forgetAfter = (samples: Samples, step: number): void => keepOnly(samples, (i) => samples.steps[i]! <= step)

const keepOnly = ({ pictures, steps }: Samples, keep: (i: number) => boolean): void => {
  const kept = steps.flatMap((step, i) => keep(i) ? [[step, pictures[i]!] as const] : [])
  steps.splice(0, Infinity, ...kept.map(([step]) => step))
  pictures.splice(0, Infinity, ...kept.map(([, picture]) => picture))
}
