/** At most `most` of some things, from 2 up: the first, the last, and what is at equal distances in between. */
export const spread = <A>(all: ReadonlyArray<A>, most: number): ReadonlyArray<A> =>
  all.length <= most
    ? all
    : Array.from({ length: most }, (_, i) => all[Math.round(i * (all.length - 1) / (most - 1))]!)
