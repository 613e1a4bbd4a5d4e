import { PulsarError } from '../errors.ts'
import { copyMatch } from './copy-match.ts'

const hashBits = 14
const minimumMatch = 4
const farthest = 0xffff
const longestCopy = 64

/** What an element is, in the two lowest bits of its tag; the rest is a length. */
const literal = 0
const copyNear = 1
const copy = 2

/**
 * A Snappy block (no frame), as Pulsar's Snappy codec writes it.
 * Source: https://github.com/google/snappy/blob/main/format_description.txt
 */
export const snappyCompress = (source: Uint8Array): Uint8Array => {
  const out = new Uint8Array(32 + source.length + Math.ceil(source.length / 6))
  const view = new DataView(source.buffer, source.byteOffset, source.byteLength)
  const seen = new Int32Array(1 << hashBits).fill(-1)
  let to = putVarint(out, source.length)
  let anchor = 0
  let at = 0
  while (at <= source.length - minimumMatch) {
    const word = view.getInt32(at, true)
    const slot = Math.imul(word, 0x9e3779b1) >>> (32 - hashBits)
    const candidate = seen[slot] ?? -1
    seen[slot] = at
    if (candidate < 0 || at - candidate > farthest || view.getInt32(candidate, true) !== word) {
      at += 1 + ((at - anchor) >> 6)
      continue
    }
    const length = matchLength(source, candidate, at)
    to = putLiteral(out, to, source.subarray(anchor, at))
    to = putCopies(out, to, at - candidate, length)
    at += length
    anchor = at
  }
  return out.subarray(0, putLiteral(out, to, source.subarray(anchor)))
}

const matchLength = (source: Uint8Array, from: number, at: number): number => {
  let length = minimumMatch
  while (at + length < source.length && source[from + length] === source[at + length]) length++
  return length
}

const putVarint = (out: Uint8Array, value: number): number => {
  let to = 0
  let rest = value
  for (; rest > 127; rest = Math.floor(rest / 128)) out[to++] = (rest & 127) | 128
  out[to++] = rest
  return to
}

const putLiteral = (out: Uint8Array, start: number, bytes: Uint8Array): number => {
  if (bytes.length === 0) return start
  let to = start + 1
  const length = bytes.length - 1
  let extra = 0
  if (length >= 60) for (let rest = length; rest > 0; rest >>>= 8, extra++) out[to++] = rest
  out[start] = ((extra === 0 ? length : 59 + extra) << 2) | literal
  out.set(bytes, to)
  return to + bytes.length
}

const putCopies = (out: Uint8Array, start: number, offset: number, length: number): number => {
  let to = start
  for (let rest = length; rest > 0;) {
    const part = Math.min(rest, longestCopy)
    if (part >= 4 && part <= 11 && offset < 2_048) {
      out[to++] = ((offset >>> 8) << 5) | ((part - 4) << 2) | copyNear
      out[to++] = offset
    } else {
      out[to++] = ((part - 1) << 2) | copy
      out[to++] = offset
      out[to++] = offset >>> 8
    }
    rest -= part
  }
  return to
}

const corrupt = () => new PulsarError('protocol', 'A message holds a damaged Snappy block.')

/** Reads a block: how long it says it is, then its elements. */
class Elements {
  readonly #source: Uint8Array
  #at = 0

  constructor(source: Uint8Array) {
    this.#source = source
  }

  get done(): boolean {
    return this.#at >= this.#source.length
  }

  byte(): number {
    if (this.done) throw corrupt()
    return this.#source[this.#at++] ?? 0
  }

  /** Little endian. */
  number(bytes: number): number {
    let value = 0
    for (let index = 0; index < bytes; index++) value += this.byte() * 256 ** index
    return value
  }

  varint(): number {
    for (let value = 0, scale = 1; ; scale *= 128) {
      const byte = this.byte()
      value += (byte & 127) * scale
      if (byte < 128) return value
      if (scale > 2 ** 28) throw corrupt()
    }
  }

  bytes(length: number): Uint8Array {
    if (this.#at + length > this.#source.length) throw corrupt()
    return this.#source.subarray(this.#at, (this.#at += length))
  }
}

/**
 * The `size` bytes a Snappy block stands for; never writes or reads beyond either buffer.
 * @throws PulsarError `protocol` when the block is damaged or holds another size
 */
export const snappyDecompress = (source: Uint8Array, size: number): Uint8Array => {
  const elements = new Elements(source)
  if (elements.varint() !== size) throw corrupt()
  const out = new Uint8Array(size)
  let to = 0
  while (!elements.done) {
    const tag = elements.byte()
    if ((tag & 3) === literal) {
      const short = tag >>> 2
      const length = 1 + (short < 60 ? short : elements.number(short - 59))
      if (to + length > size) throw corrupt()
      out.set(elements.bytes(length), to)
      to += length
      continue
    }
    const near = (tag & 3) === copyNear
    const length = near ? 4 + ((tag >>> 2) & 7) : 1 + (tag >>> 2)
    const offset = near
      ? ((tag >>> 5) << 8) | elements.byte()
      : elements.number((tag & 3) === copy ? 2 : 4)
    if (offset === 0 || offset > to || to + length > size) throw corrupt()
    copyMatch(out, to, offset, length)
    to += length
  }
  if (to !== size) throw corrupt()
  return out
}
