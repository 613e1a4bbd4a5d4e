/**
 * Collects what comes while `work` is busy and gives it all at once: one transaction for many. Each
 * caller's promise settles as the batch with their item does.
 */
export const inBatches = <Item>(
  work: (items: readonly Item[]) => Promise<void>,
): ((item: Item) => Promise<void>) => {
  let waiting: Item[] = []
  let next: Promise<void> | undefined
  let running: Promise<unknown> = Promise.resolve()
  const run = () => {
    const items = waiting
    waiting = []
    next = undefined
    return work(items)
  }
  return (item) => {
    waiting.push(item)
    if (next) return next
    next = running.then(run)
    running = next.catch(() => undefined)
    return next
  }
}
