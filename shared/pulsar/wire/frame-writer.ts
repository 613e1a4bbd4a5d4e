import { ByteWriter, setUint32be } from './byte-writer.ts'
import { type Body, type CommandType, encodeCommand } from './commands.ts'
import { crc32c } from './crc32c.ts'
import { encodeMetadata, type MessageMetadata } from './metadata.ts'

/** Announces a checksum. Source: https://pulsar.apache.org/docs/developing-binary-protocol/ */
export const checksumMagic = 0x0e01

/** Used for every frame: what it holds is copied out before the next one is begun. */
const scratch = new ByteWriter(1024)

/**
 * Memory for frames, a slab at a time: a buffer of its own for each small frame costs more than the
 * rest of making it. Never used twice, so a frame stays what it is while the slab serves others.
 */
const slab = { bytes: new Uint8Array(0), used: 0 }
const slabBytes = 64 * 1024

const allocate = (size: number): Uint8Array => {
  if (size > slabBytes / 4) return new Uint8Array(size)
  if (slab.used + size > slab.bytes.length) {
    slab.bytes = new Uint8Array(slabBytes)
    slab.used = 0
  }
  const start = slab.used
  slab.used += size
  return slab.bytes.subarray(start, slab.used)
}

/** A whole frame of one command: `[total][size][BaseCommand]`. */
export const commandFrame = <K extends CommandType>(type: K, body: Body<K>): Uint8Array => {
  beginCommand(type, body)
  scratch.setUint32be(0, scratch.length - 4)
  const frame = allocate(scratch.length)
  frame.set(scratch.view())
  return frame
}

/**
 * A whole frame of a command that carries an entry:
 * `[total][size][BaseCommand][magic][crc32c][size][MessageMetadata][payload]`, the checksum over
 * all that follows it.
 */
export const payloadFrame = <K extends 'send' | 'message'>(
  type: K,
  body: Body<K>,
  metadata: MessageMetadata,
  payload: Uint8Array,
): Uint8Array => {
  beginCommand(type, body)
  scratch.uint16be(checksumMagic)
  const checksum = scratch.length
  scratch.uint32be(0)
  const size = scratch.length
  scratch.uint32be(0)
  encodeMetadata(scratch, metadata)
  scratch.setUint32be(size, scratch.length - size - 4)
  const frame = allocate(scratch.length + payload.length)
  scratch.setUint32be(0, frame.length - 4)
  frame.set(scratch.view())
  frame.set(payload, scratch.length)
  setUint32be(frame, checksum, crc32c(frame, size))
  return frame
}

const beginCommand = <K extends CommandType>(type: K, body: Body<K>) => {
  scratch.length = 0
  scratch.uint32be(0)
  scratch.uint32be(0)
  encodeCommand(scratch, type, body)
  scratch.setUint32be(4, scratch.length - 8)
}
