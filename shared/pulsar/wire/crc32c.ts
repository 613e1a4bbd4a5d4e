/** Castagnoli polynomial, reflected. Source: RFC 3720, appendix B.4. */
const polynomial = 0x82f63b78

/** Eight tables of 256 words, one after the other: eight bytes are taken a step. */
const makeTables = (): Int32Array => {
  const made = new Int32Array(8 * 256)
  for (let n = 0; n < 256; n++) {
    let crc = n
    for (let bit = 0; bit < 8; bit++) crc = crc & 1 ? (crc >>> 1) ^ polynomial : crc >>> 1
    made[n] = crc
  }
  for (let at = 256; at < made.length; at++) {
    const before = made[at - 256] ?? 0
    made[at] = (before >>> 8) ^ (made[before & 0xff] ?? 0)
  }
  return made
}

const tables = makeTables()

const look = (table: number, byte: number): number => tables[(table << 8) | (byte & 0xff)] ?? 0

const word = (bytes: Uint8Array, at: number): number =>
  (bytes[at] ?? 0) |
  ((bytes[at + 1] ?? 0) << 8) |
  ((bytes[at + 2] ?? 0) << 16) |
  ((bytes[at + 3] ?? 0) << 24)

/**
 * CRC-32C of `bytes` from `start` to `end`, as an unsigned number: the checksum of every entry.
 * Slicing-by-8, which is many times faster than byte by byte in JavaScript too.
 */
export const crc32c = (bytes: Uint8Array, start = 0, end = bytes.length): number => {
  let crc = -1
  let at = start
  for (const last = end - 8; at <= last; at += 8) {
    const a = crc ^ word(bytes, at)
    const b = word(bytes, at + 4)
    crc =
      look(7, a) ^
      look(6, a >>> 8) ^
      look(5, a >>> 16) ^
      look(4, a >>> 24) ^
      look(3, b) ^
      look(2, b >>> 8) ^
      look(1, b >>> 16) ^
      look(0, b >>> 24)
  }
  for (; at < end; at++) crc = (crc >>> 8) ^ look(0, crc ^ (bytes[at] ?? 0))
  return ~crc >>> 0
}
