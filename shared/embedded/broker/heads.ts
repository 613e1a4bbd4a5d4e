/** How far each partition has got, as far as this process has heard: the position after the last message. */
export class Heads {
  readonly #heads = new Map<number, number>()
  readonly #listeners = new Set<() => void>()

  get(partitionId: number): number {
    return this.#heads.get(partitionId) ?? 0
  }

  /** Takes what is news and tells the listeners when anything was. */
  raise(news: Iterable<readonly [number, number]>): void {
    let raised = false
    for (const [id, head] of news) {
      if (head <= this.get(id)) continue
      this.#heads.set(id, head)
      raised = true
    }
    if (raised) for (const listener of this.#listeners) listener()
  }

  /** Answers how to stop listening. */
  listen(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => void this.#listeners.delete(listener)
  }
}
