/**
 * Ack sets: a bit a message of a batch, lowest first, set while the message is not acknowledged.
 * Source: PIP-54, and `java.util.BitSet.toLongArray`.
 */

/** Whether the message is acknowledged already; without an ack set none is. */
export const isAcknowledged = (ackSet: readonly bigint[] | undefined, index: number): boolean => {
  if (!ackSet || ackSet.length === 0) return false
  const word = ackSet[index >>> 6] ?? 0n
  return ((word >> BigInt(index & 63)) & 1n) === 0n
}

/** The set of a batch of `size` in which everything before `index` is acknowledged. */
export const remainingFrom = (index: number, size: number): readonly bigint[] =>
  Array.from({ length: Math.ceil(size / 64) }, (_, word) => {
    const from = Math.min(Math.max(index - word * 64, 0), 64)
    const bits = Math.min(size - word * 64, 64)
    return BigInt.asUintN(64, (1n << BigInt(bits)) - (1n << BigInt(from)))
  }).map((word, at) => (index >= (at + 1) * 64 ? 0n : word))

/** How many messages of a batch of `size` are not acknowledged. */
export const countLeft = (ackSet: readonly bigint[] | undefined, size: number): number => {
  if (!ackSet || ackSet.length === 0) return size
  let left = 0
  for (let index = 0; index < Math.min(size, ackSet.length * 64); index++)
    if (!isAcknowledged(ackSet, index)) left++
  return left
}
