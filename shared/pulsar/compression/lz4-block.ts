import { PulsarError } from '../errors.ts'
import { copyMatch } from './copy-match.ts'

const hashBits = 14
const minimumMatch = 4
/** The last match must begin this far from the end, and the last five bytes are literals. */
const matchLimit = 12
const lastLiterals = 5
const farthest = 0xffff

/**
 * An LZ4 block (no frame), as Pulsar's LZ4 codec writes it.
 * Source: https://github.com/lz4/lz4/blob/dev/doc/lz4_Block_format.md
 */
export const lz4Compress = (source: Uint8Array): Uint8Array => {
  const out = new Uint8Array(source.length + Math.ceil(source.length / 255) + 16)
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength)
  const seen = new Int32Array(1 << hashBits).fill(-1)
  let anchor = 0
  let at = 0
  let to = 0
  while (at < source.length - matchLimit) {
    const word = view.getInt32(at, true)
    const slot = Math.imul(word, 0x9e3779b1) >>> (32 - hashBits)
    const candidate = seen[slot] ?? -1
    seen[slot] = at
    if (candidate < 0 || at - candidate > farthest || view.getInt32(candidate, true) !== word) {
      at += 1 + ((at - anchor) >> 6)
      continue
    }
    const length = matchLength(source, candidate, at)
    to = putSequence(out, to, source, anchor, at, at - candidate, length)
    at += length
    anchor = at
  }
  to = putSequence(out, to, source, anchor, source.length, 0, 0)
  return out.subarray(0, to)
}

const matchLength = (source: Uint8Array, from: number, at: number): number => {
  const limit = source.length - lastLiterals - at
  let length = minimumMatch
  while (length < limit && source[from + length] === source[at + length]) length++
  return length
}

const putSequence = (
  out: Uint8Array,
  start: number,
  source: Uint8Array,
  anchor: number,
  literalsEnd: number,
  offset: number,
  length: number,
): number => {
  const literals = literalsEnd - anchor
  const rest = offset === 0 ? 0 : length - minimumMatch
  out[start] = (Math.min(literals, 15) << 4) | Math.min(rest, 15)
  let to = putLength(out, start + 1, literals)
  out.set(source.subarray(anchor, literalsEnd), to)
  to += literals
  if (offset === 0) return to
  out[to++] = offset
  out[to++] = offset >>> 8
  return putLength(out, to, rest)
}

const putLength = (out: Uint8Array, start: number, length: number): number => {
  let to = start
  if (length < 15) return to
  let rest = length - 15
  for (; rest >= 255; rest -= 255) out[to++] = 255
  out[to++] = rest
  return to
}

const corrupt = () => new PulsarError('protocol', 'A message holds a damaged LZ4 block.')

/**
 * The `size` bytes an LZ4 block stands for; never writes or reads beyond either buffer.
 * @throws PulsarError `protocol` when the block is damaged or holds another size
 */
export const lz4Decompress = (source: Uint8Array, size: number): Uint8Array => {
  const out = new Uint8Array(size)
  let at = 0
  let to = 0
  const extended = (start: number): number => {
    let length = start
    if (length < 15) return length
    let byte = 255
    while (byte === 255) {
      if (at >= source.length) throw corrupt()
      byte = source[at++] ?? 0
      length += byte
    }
    return length
  }
  while (at < source.length) {
    const token = source[at++] ?? 0
    const literals = extended(token >>> 4)
    if (at + literals > source.length || to + literals > size) throw corrupt()
    out.set(source.subarray(at, at + literals), to)
    at += literals
    to += literals
    if (at >= source.length) break
    const offset = (source[at] ?? 0) | ((source[at + 1] ?? 0) << 8)
    at += 2
    const length = extended(token & 15) + minimumMatch
    if (offset === 0 || offset > to || to + length > size) throw corrupt()
    copyMatch(out, to, offset, length)
    to += length
  }
  if (to !== size) throw corrupt()
  return out
}
