/**
 * Looks rows up by id, one statement for all that is asked for while the last one runs: many readers
 * who wait for a version cost little more than one. A lookup never sees an answer older than itself.
 */
export const batchedFind = <Row extends { readonly id: string }>(
  read: (ids: readonly string[]) => Promise<readonly Row[]>,
): ((id: string) => Promise<Row | undefined>) => {
  let waiting = new Map<string, PromiseWithResolvers<Row | undefined>>()
  let running = false

  const answer = async (batch: typeof waiting) => {
    try {
      const rows = new Map((await read([...batch.keys()])).map((row) => [row.id, row]))
      for (const [id, asked] of batch) asked.resolve(rows.get(id))
    } catch (error) {
      for (const asked of batch.values()) asked.reject(error)
    }
  }
  const run = async () => {
    running = true
    // Whoever asks in the same turn comes along.
    await Promise.resolve()
    while (waiting.size > 0) {
      const batch = waiting
      waiting = new Map()
      await answer(batch)
    }
    running = false
  }

  return (id) => {
    const asked = waiting.get(id) ?? Promise.withResolvers<Row | undefined>()
    waiting.set(id, asked)
    if (!running) void run()
    return asked.promise
  }
}
