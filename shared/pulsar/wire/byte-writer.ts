const encoder = new TextEncoder()
const two32 = 0x1_0000_0000
const two63 = 2 ** 63
const shortText = 40

export const setUint32be = (bytes: Uint8Array, at: number, value: number): void => {
  bytes[at] = value >>> 24
  bytes[at + 1] = value >>> 16
  bytes[at + 2] = value >>> 8
  bytes[at + 3] = value
}

/**
 * A growing buffer that protobuf fields are appended to. Numbers are those of proto2 varints:
 * negative ones take ten bytes (two's complement), 2^63 and above are written as 2^63 - 1, which is
 * how Pulsar names "latest". Source: https://protobuf.dev/programming-guides/encoding/
 */
export class ByteWriter {
  bytes: Uint8Array<ArrayBuffer>
  length = 0

  constructor(capacity = 256) {
    this.bytes = new Uint8Array(capacity)
  }

  /** Makes room for `count` more bytes. */
  reserve(count: number): void {
    const needed = this.length + count
    if (needed <= this.bytes.length) return
    const grown = new Uint8Array(Math.max(needed, this.bytes.length * 2))
    grown.set(this.bytes.subarray(0, this.length))
    this.bytes = grown
  }

  uint32be(value: number): void {
    this.reserve(4)
    this.setUint32be(this.length, value)
    this.length += 4
  }

  uint16be(value: number): void {
    this.reserve(2)
    this.bytes[this.length++] = value >>> 8
    this.bytes[this.length++] = value
  }

  setUint32be(at: number, value: number): void {
    setUint32be(this.bytes, at, value)
  }

  varint(value: number): void {
    this.reserve(10)
    if (value >= 0 && value < two32) this.#varint32(value)
    else if (value >= two63) this.#varint64(0xffff_ffff, 0x7fff_ffff)
    else this.#varint64(value >>> 0, Math.floor(value / two32) >>> 0)
  }

  /** A 64 bit word, signed or unsigned, as an unsigned varint. */
  varintBig(value: bigint): void {
    this.reserve(10)
    const word = BigInt.asUintN(64, value)
    this.#varint64(Number(word & 0xffff_ffffn), Number(word >> 32n))
  }

  raw(bytes: Uint8Array): void {
    this.reserve(bytes.length)
    this.bytes.set(bytes, this.length)
    this.length += bytes.length
  }

  /** Field of wire type 0. */
  number(field: number, value: number): void {
    this.varint(field << 3)
    this.varint(value)
  }

  /** Field of wire type 2. */
  blob(field: number, value: Uint8Array): void {
    this.varint((field << 3) | 2)
    this.varint(value.length)
    this.raw(value)
  }

  text(field: number, value: string): void {
    const start = this.open(field)
    this.reserve(value.length * 3)
    if (value.length > shortText || !this.#ascii(value)) {
      const { written } = encoder.encodeInto(value, this.bytes.subarray(this.length))
      this.length += written
    }
    this.close(start)
  }

  /** Names and keys are short and plain, most often: no encoder is as fast. */
  #ascii(value: string): boolean {
    const { bytes, length } = this
    for (let at = 0; at < value.length; at++) {
      // oxlint-disable-next-line unicorn/prefer-code-point
      const unit = value.charCodeAt(at)
      if (unit >= 0x80) return false
      bytes[length + at] = unit
    }
    this.length += value.length
    return true
  }

  /** Begins a nested message; give what it returns to `close` when its fields are written. */
  open(field: number): number {
    this.varint((field << 3) | 2)
    this.reserve(1)
    this.length++
    return this.length
  }

  close(start: number): void {
    const size = this.length - start
    if (size < 0x80) {
      this.bytes[start - 1] = size
      return
    }
    const extra = size < 0x4000 ? 1 : size < 0x20_0000 ? 2 : size < 0x1000_0000 ? 3 : 4
    this.reserve(extra)
    this.bytes.copyWithin(start + extra, start, this.length)
    this.length = start - 1
    this.#varint32(size)
    this.length += size
  }

  /** A copy of what was written, of exactly that size. */
  finish(): Uint8Array<ArrayBuffer> {
    return this.bytes.slice(0, this.length)
  }

  view(): Uint8Array<ArrayBuffer> {
    return this.bytes.subarray(0, this.length)
  }

  #varint32(value: number): void {
    let rest = value
    while (rest >= 0x80) {
      this.bytes[this.length++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    this.bytes[this.length++] = rest
  }

  #varint64(low: number, high: number): void {
    let lower = low
    let upper = high
    while (upper > 0) {
      this.bytes[this.length++] = (lower & 0x7f) | 0x80
      lower = ((lower >>> 7) | (upper << 25)) >>> 0
      upper >>>= 7
    }
    this.#varint32(lower)
  }
}
