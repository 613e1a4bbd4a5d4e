import { ByteWriter } from './byte-writer.ts'
import { type Body, type CommandType, encodeCommand } from './commands.ts'
import { crc32c } from './crc32c.ts'
import { encodeMetadata, type MessageMetadata } from './metadata.ts'

/** Announces a checksum. Source: https://pulsar.apache.org/docs/developing-binary-protocol/ */
export const checksumMagic = 0x0e01

/** Used for every frame: what it holds is copied out before the next one is begun. */
const scratch = new ByteWriter(1024)

/** A whole frame of one command: `[total][size][BaseCommand]`. */
export const commandFrame = <K extends CommandType>(type: K, body: Body<K>): Uint8Array => {
  beginCommand(type, body)
  scratch.setUint32be(0, scratch.length - 4)
  return scratch.finish()
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
  const frame = new Uint8Array(scratch.length + payload.length)
  frame.set(scratch.view())
  frame.set(payload, scratch.length)
  const view = new DataView(frame.buffer)
  view.setUint32(0, frame.length - 4)
  view.setUint32(checksum, crc32c(frame, size))
  return frame
}

const beginCommand = <K extends CommandType>(type: K, body: Body<K>) => {
  scratch.length = 0
  scratch.uint32be(0)
  scratch.uint32be(0)
  encodeCommand(scratch, type, body)
  scratch.setUint32be(4, scratch.length - 8)
}
