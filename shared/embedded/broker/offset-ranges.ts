/**
 * The acknowledged positions of one partition: everything below `mark`, and single stretches above it.
 * Acknowledging the position at the mark moves the mark over the stretch that follows.
 */
export class OffsetRanges {
  mark: number
  /** Ascending, disjoint, never touching: [from, to). */
  readonly #stretches: [number, number][]

  constructor(mark: number, stretches: readonly (readonly [number, number])[] = []) {
    this.mark = mark
    this.#stretches = stretches.map(([from, to]) => [from, to])
    this.#absorb()
  }

  /** From Postgres's text of an int8multirange: `{[3,5),[7,8)}`. */
  static parse(mark: number, multirange: string): OffsetRanges {
    const stretches = [...multirange.matchAll(/\[(\d+),(\d+)\)/g)].map(
      ([, from, to]) => [Number(from), Number(to)] as const,
    )
    return new OffsetRanges(mark, stretches)
  }

  has(position: number): boolean {
    if (position < this.mark) return true
    const stretch = this.#stretches[this.#after(position) - 1]
    return stretch !== undefined && position < stretch[1]
  }

  add(from: number, to = from + 1): void {
    if (from <= this.mark) {
      this.mark = Math.max(this.mark, to)
    } else {
      const at = this.#after(from)
      const before = this.#stretches[at - 1]
      if (before && from <= before[1]) before[1] = Math.max(before[1], to)
      else this.#stretches.splice(at, 0, [from, to])
      this.#join(before && from <= before[1] ? at - 1 : at)
    }
    this.#absorb()
  }

  /** Postgres's text of the stretches above the mark. */
  toString(): string {
    return `{${this.#stretches.map(([from, to]) => `[${from},${to})`).join(',')}}`
  }

  /** How many stretches begin at or before `position`. */
  #after(position: number): number {
    let low = 0
    let high = this.#stretches.length
    while (low < high) {
      const middle = (low + high) >> 1
      if ((this.#stretches[middle]?.[0] ?? 0) <= position) low = middle + 1
      else high = middle
    }
    return low
  }

  #join(at: number): void {
    const stretch = this.#stretches[at]
    if (!stretch) return
    for (let next = this.#stretches[at + 1]; next && next[0] <= stretch[1];) {
      stretch[1] = Math.max(stretch[1], next[1])
      this.#stretches.splice(at + 1, 1)
      next = this.#stretches[at + 1]
    }
  }

  #absorb(): void {
    for (let first = this.#stretches[0]; first && first[0] <= this.mark;) {
      this.mark = Math.max(this.mark, first[1])
      this.#stretches.shift()
      first = this.#stretches[0]
    }
  }
}
