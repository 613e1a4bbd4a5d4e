/** Numbers from 0 to 1, the same ones for the same seed (mulberry32). */
export type Random = () => number

/** `CHAOS_SEED` when a run is to be repeated. Printed, so that one can be. */
export const printedSeed = (what: string): number => {
  const seed = Number(process.env.CHAOS_SEED ?? Math.floor(Math.random() * 2 ** 31))
  console.log(`${what}: CHAOS_SEED=${seed}`)
  return seed
}

export const randomFrom = (seed: number): Random => {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const oneOf = <T>(random: Random, from: readonly T[]): T => {
  const [one] = from.slice(Math.floor(random() * from.length))
  if (one === undefined) throw new RangeError('nothing to choose from')
  return one
}

/** How often a fault happens: the short form here, more in a long run with `CHAOS_ROUNDS`. */
export const rounds = (short: number): number => Number(process.env.CHAOS_ROUNDS ?? short)
