import { ByteReader } from './byte-reader.ts'
import { type Command, decodeCommand } from './commands.ts'
import { crc32c } from './crc32c.ts'
import { checksumMagic } from './frame-writer.ts'
import { decodeMetadata, type MessageMetadata } from './metadata.ts'

/** Announces BrokerEntryMetadata before the entry (PIP-70); read over, nothing here needs it. */
const brokerEntryMagic = 0x0e02

/** The command of a frame, and the reader left at what follows it. */
export const readFrame = (
  bytes: Uint8Array,
  start: number,
  end: number,
): { readonly command: Command; readonly rest: ByteReader } => {
  const reader = new ByteReader(bytes, start, end)
  const size = reader.uint32be()
  const commandEnd = reader.position + size
  if (commandEnd > end) reader.end = reader.position
  else reader.end = commandEnd
  const command = decodeCommand(reader)
  reader.position = commandEnd
  reader.end = end
  return { command, rest: reader }
}

/** An entry as it lies in the frame; `payload` views the frame's bytes. */
export interface Entry {
  readonly metadata: MessageMetadata
  readonly payload: Uint8Array
  /** False when the bytes do not fit their checksum: the entry must not be used. */
  readonly intact: boolean
}

/**
 * Reads what follows a MESSAGE or SEND command.
 * @throws PulsarError `protocol` when an intact entry cannot be read
 */
export const readEntry = (reader: ByteReader): Entry => {
  const { bytes, end } = reader
  if (magicAt(bytes, reader.position, end) === brokerEntryMagic) {
    reader.position += 2
    const size = reader.uint32be()
    reader.position = Math.min(reader.position + size, end)
  }
  if (magicAt(bytes, reader.position, end) === checksumMagic) {
    reader.position += 2
    const expected = reader.uint32be()
    if (crc32c(bytes, reader.position, end) !== expected) return corrupt
  }
  const size = reader.uint32be()
  const payloadStart = reader.position + size
  reader.end = Math.min(payloadStart, end)
  const metadata = decodeMetadata(reader)
  return { metadata, payload: bytes.subarray(Math.min(payloadStart, end), end), intact: true }
}

const corrupt: Entry = {
  metadata: { producerName: '', sequenceId: -1, publishTime: 0 },
  payload: new Uint8Array(0),
  intact: false,
}

const magicAt = (bytes: Uint8Array, at: number, end: number): number =>
  at + 1 < end ? ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0) : 0
