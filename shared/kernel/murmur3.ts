const encoder = new TextEncoder()

/**
 * Murmur3 x86 32 bit of the UTF-8 bytes of `text`, seed 0, as an unsigned number.
 * Source: https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
 */
export const murmur3 = (text: string): number => {
  const bytes = encoder.encode(text)
  const blocks = bytes.length & ~3
  let hash = 0
  for (let i = 0; i < blocks; i += 4) {
    hash ^= scramble(
      byte(bytes, i) |
        (byte(bytes, i + 1) << 8) |
        (byte(bytes, i + 2) << 16) |
        (byte(bytes, i + 3) << 24),
    )
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0
  }
  let tail = 0
  for (let i = bytes.length - 1; i >= blocks; i--) tail = (tail << 8) | byte(bytes, i)
  hash ^= scramble(tail) ^ bytes.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) >>> 0
}

const byte = (bytes: Uint8Array, index: number): number => bytes[index] ?? 0

const scramble = (block: number): number => {
  const mixed = Math.imul(block, 0xcc9e2d51)
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
}

/** The partition of a key, as Pulsar's Murmur3_32 router picks it: sign bit cleared, then modulo. */
export const partitionOf = (key: string, partitions: number): number =>
  (murmur3(key) & 0x7fffffff) % partitions
