import { PulsarError } from '../errors.ts'

const decoder = new TextDecoder()
const two32 = 0x1_0000_0000

const broken = (what: string, at: number) =>
  new PulsarError('protocol', `The broker sent ${what} at byte ${at}: the connection is given up.`)

/**
 * Reads protobuf fields of `bytes` from `position` to `end`, never beyond. A varint of 2^64 - 1 is
 * read as -1, as Pulsar uses it; other values above 2^53 are rounded.
 * Every read throws a `protocol` error on bytes that are no protobuf.
 */
export class ByteReader {
  readonly bytes: Uint8Array
  position: number
  end: number

  constructor(bytes: Uint8Array, position = 0, end = bytes.length) {
    this.bytes = bytes
    this.position = position
    this.end = end
  }

  get done(): boolean {
    return this.position >= this.end
  }

  varint(): number {
    // Most are of one byte: tags, lengths, counts.
    const first = this.bytes[this.position]
    if (first !== undefined && first < 0x80 && this.position < this.end) {
      this.position++
      return first
    }
    const low = this.#bits(28)
    if (low < 0x1000_0000 && !this.#more) return low
    const middle = this.#bits(28)
    if (!this.#more) return middle * 0x1000_0000 + low
    const high = this.#bits(14)
    if (this.#more) throw broken('a number of more than ten bytes', this.position)
    const lower = ((middle << 28) | low) >>> 0
    const upper = ((high << 24) | (middle >>> 4)) >>> 0
    if (upper >= 0xffe0_0000) return (upper - two32) * two32 + lower
    return upper * two32 + lower
  }

  /** A 64 bit word as an unsigned bigint. */
  varintBig(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = this.#byte()
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asUintN(64, value)
    }
    throw broken('a number of more than ten bytes', this.position)
  }

  /** The end of a length-delimited field that starts here; checked against what is left. */
  limit(): number {
    const size = this.varint()
    const end = this.position + size
    if (size < 0 || end > this.end) throw broken(`a field of ${size} bytes`, this.position)
    return end
  }

  blob(): Uint8Array {
    const end = this.limit()
    const value = this.bytes.subarray(this.position, end)
    this.position = end
    return value
  }

  text(): string {
    return decoder.decode(this.blob())
  }

  /** Passes over a field this client does not know. `tag` is what was read before it. */
  skip(tag: number): void {
    const wireType = tag & 7
    if (wireType === 0) this.varint()
    else if (wireType === 2) this.position = this.limit()
    else if (wireType === 1) this.#pass(8)
    else if (wireType === 5) this.#pass(4)
    else throw broken(`wire type ${wireType}`, this.position)
  }

  uint32be(): number {
    const start = this.position
    this.#pass(4)
    const { bytes } = this
    return (
      (((bytes[start] ?? 0) << 24) |
        ((bytes[start + 1] ?? 0) << 16) |
        ((bytes[start + 2] ?? 0) << 8) |
        (bytes[start + 3] ?? 0)) >>>
      0
    )
  }

  #more = false

  #bits(count: number): number {
    let value = 0
    this.#more = true
    for (let shift = 0; shift < count; shift += 7) {
      const byte = this.#byte()
      value |= (byte & 0x7f) << shift
      if (byte < 0x80) {
        this.#more = false
        return value
      }
    }
    return value
  }

  #byte(): number {
    if (this.position >= this.end) throw broken('a truncated field', this.position)
    return this.bytes[this.position++] ?? 0
  }

  #pass(count: number): void {
    if (this.position + count > this.end) throw broken('a truncated field', this.position)
    this.position += count
  }
}
