import type { Arrival } from './arrival.ts'
import type { Consumption } from './consumption.ts'
import type { HeldKeys } from './held-keys.ts'
import { markInFlight, type InFlightOwner } from './inbox.ts'
import { hold, type Held } from './held.ts'
import { joinHeld, runBatch } from './run-batch.ts'

/**
 * Takes what was received: says that it is in flight, holds the keys of suspects and of unreadable
 * messages, and runs the rest as one batch. Resolves when the next batch may come.
 */
export const takeBatch = async (
  consumption: Consumption,
  held: HeldKeys,
  owner: InFlightOwner,
  received: readonly Arrival[],
): Promise<void> => {
  const suspects = await mark(consumption, held, owner, received)
  const arrivals = joinHeld(held, received)
  const special = new Set(
    arrivals.filter(({ id, fault }) => fault || suspects.has(id)).map(({ key }) => key),
  )
  for (const [key, ofKey] of Map.groupBy(arrivals, (arrival) => arrival.key)) {
    if (!special.has(key)) continue
    const suspected = ofKey.some(({ id }) => suspects.has(id))
    const tried = held.add(
      key,
      ofKey.map((arrival) => holdSpecial(arrival, suspects, suspected)),
    )
    // One at a time, or an innocent neighbour would be counted with the one that ends the process.
    if (suspected) await tried
  }
  const batch = arrivals.filter(({ key }) => !special.has(key))
  await runBatch(consumption, held, batch)
}

const holdSpecial = (arrival: Arrival, suspects: ReadonlySet<string>, alone: boolean): Held => ({
  ...hold(arrival),
  alone,
  uncounted: suspects.has(arrival.id) ? 1 : 0,
})

const mark = async (
  { database, outage, signal }: Consumption,
  held: HeldKeys,
  owner: InFlightOwner,
  received: readonly Arrival[],
): Promise<ReadonlySet<string>> => {
  const ids = received.map(({ id }) => id)
  while (!signal.aborted) {
    await outage.over()
    try {
      const suspects = await markInFlight(database, owner, ids, held.ids())
      outage.ended()
      return suspects
    } catch (error) {
      outage.met(error)
    }
  }
  return new Set()
}
