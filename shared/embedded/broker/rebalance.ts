/** A partition of one subscription as the broker's tables have it. */
export interface CursorView {
  readonly partitionId: number
  readonly consumerId: number | null
  readonly epoch: number
}

export interface Standing {
  readonly me: number
  /** Living consumers of the subscription, ascending, this one among them. */
  readonly consumers: readonly number[]
  readonly cursors: readonly CursorView[]
  /** Shifts who gets the odd partition, so that it is not the same consumer for every topic. */
  readonly shift: number
  /** Epochs of the partitions held in memory. */
  readonly held: ReadonlyMap<number, number>
}

export interface Moves {
  /** Held in memory, but no longer ours: forget them. */
  readonly lost: readonly number[]
  /** Ours, but more than our share: give them back when they are drained. */
  readonly surplus: readonly number[]
  /** Free and within our share, or ours in the tables but not in memory. */
  readonly claims: readonly CursorView[]
}

/**
 * Who moves what, decided by each consumer for itself from the same rows: shares differ by one at
 * most, nobody takes more than a share, and nobody gives up a partition that is within it.
 */
export const rebalance = ({ me, consumers, cursors, shift, held }: Standing): Moves => {
  const count = consumers.length
  const rank = (consumers.indexOf(me) + shift) % count
  const share = Math.floor(cursors.length / count) + (rank < cursors.length % count ? 1 : 0)
  const living = new Set(consumers)
  const sorted = [...cursors].sort((a, b) => a.partitionId - b.partitionId)
  const mine = sorted.filter((cursor) => cursor.consumerId === me)
  const free = sorted.filter(({ consumerId }) => consumerId === null || !living.has(consumerId))
  const current = new Set(
    mine
      .filter(({ partitionId, epoch }) => held.get(partitionId) === epoch)
      .map((c) => c.partitionId),
  )
  return {
    lost: [...held.keys()].filter((partitionId) => !current.has(partitionId)),
    surplus: mine.slice(share).map(({ partitionId }) => partitionId),
    claims: [
      // Also what is too much: a lease whose answer was lost can be given back only once it is held.
      ...mine.filter(({ partitionId }) => !current.has(partitionId)),
      // Each begins elsewhere, so that those who come at the same time do not reach for the same.
      ...rotate(free, rank * share).slice(0, Math.max(0, share - mine.length)),
      // Locked in this order: two who do reach for the same never wait for each other in a ring.
    ].sort((a, b) => a.partitionId - b.partitionId),
  }
}

const rotate = <T>(list: readonly T[], by: number): readonly T[] => {
  const start = list.length === 0 ? 0 : by % list.length
  return [...list.slice(start), ...list.slice(0, start)]
}
