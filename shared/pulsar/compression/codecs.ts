import * as zlib from 'node:zlib'
import { PulsarError } from '../errors.ts'
import { lz4Compress, lz4Decompress } from './lz4-block.ts'
import { snappyCompress, snappyDecompress } from './snappy-block.ts'

export type CompressionType = 'None' | 'LZ4' | 'Zlib' | 'ZSTD' | 'SNAPPY'

interface Codec {
  /** Its number in `CompressionType` of PulsarApi.proto. */
  readonly number: number
  compress(bytes: Uint8Array): Uint8Array
  /** Exactly `size` bytes, or throws; never takes memory for more. */
  decompress(bytes: Uint8Array, size: number): Uint8Array
}

const codecs: Readonly<Record<Exclude<CompressionType, 'None'>, Codec>> = {
  LZ4: { number: 1, compress: lz4Compress, decompress: lz4Decompress },
  Zlib: {
    number: 2,
    compress: (bytes) => zlib.deflateSync(bytes),
    decompress: (bytes, size) => zlib.inflateSync(bytes, { maxOutputLength: Math.max(size, 1) }),
  },
  ZSTD: {
    number: 3,
    compress: (bytes) => zlib.zstdCompressSync(bytes),
    decompress: (bytes, size) =>
      zlib.zstdDecompressSync(bytes, { maxOutputLength: Math.max(size, 1) }),
  },
  SNAPPY: { number: 4, compress: snappyCompress, decompress: snappyDecompress },
}

const byNumber = new Map(Object.values(codecs).map((codec) => [codec.number, codec] as const))

export const codecOf = (type: CompressionType): Codec | undefined =>
  type === 'None' ? undefined : codecs[type]

/**
 * What a payload was before it was compressed.
 * @param size what the sender says it was, in bytes; refused above `limit` before it is inflated
 * @throws PulsarError `protocol` for an unknown codec, a damaged payload or a wrong size
 */
export const decompress = (
  compression: number,
  bytes: Uint8Array,
  size: number,
  limit: number,
): Uint8Array => {
  if (compression === 0) return bytes
  const codec = byNumber.get(compression)
  if (!codec)
    throw new PulsarError('protocol', `A message is compressed with codec ${compression}, unknown.`)
  if (size > limit)
    throw new PulsarError('protocol', `A message would inflate to ${size} bytes, above ${limit}.`)
  const plain = inflate(codec, bytes, size)
  if (plain.length === size) return plain
  throw new PulsarError('protocol', `A message of ${size} bytes inflated to ${plain.length}.`)
}

const inflate = (codec: Codec, bytes: Uint8Array, size: number): Uint8Array => {
  try {
    return codec.decompress(bytes, size)
  } catch (cause) {
    if (cause instanceof PulsarError) throw cause
    throw new PulsarError('protocol', 'A message holds a damaged compressed payload.', { cause })
  }
}
