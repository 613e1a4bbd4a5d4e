/** Shuffles within windows of `size`, the same way for the same seed. */
export const shuffledInWindows = <T>(items: readonly T[], size: number, seed: number): T[] => {
  const random = seeded(seed)
  const shuffled: T[] = []
  for (let at = 0; at < items.length; at += size) {
    const window = items.slice(at, at + size).map((item) => ({ item, order: random() }))
    shuffled.push(...window.sort((a, b) => a.order - b.order).map(({ item }) => item))
  }
  return shuffled
}

const seeded = (seed: number) => {
  let state = seed
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state / 2_147_483_648
  }
}
