import { PulsarError } from '../errors.ts'
import type { HashingScheme, MessageRouter, ProducerMessage, ProducerSettings } from './options.ts'

const encoder = new TextEncoder()

/**
 * Murmur3 x86 32 bit of the UTF-8 bytes, seed 0, sign bit cleared as Pulsar's Murmur3_32Hash does.
 * Source: https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
 */
const murmur3 = (key: string): number => {
  const bytes = encoder.encode(key)
  const blocks = bytes.length & ~3
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  let hash = 0
  for (let at = 0; at < blocks; at += 4) {
    hash ^= scramble(view.getInt32(at, true))
    hash = (Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64) | 0
  }
  let tail = 0
  for (let at = bytes.length - 1; at >= blocks; at--) tail = (tail << 8) | (bytes[at] ?? 0)
  hash ^= scramble(tail) ^ bytes.length
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return (hash ^ (hash >>> 16)) & 0x7fffffff
}

const scramble = (block: number): number => {
  const mixed = Math.imul(block, 0xcc9e2d51)
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
}

/** `String.hashCode` of Java, sign bit cleared: over UTF-16 units, not characters. */
const javaStringHash = (key: string): number => {
  let hash = 0
  // oxlint-disable-next-line unicorn/prefer-code-point
  for (let at = 0; at < key.length; at++) hash = (Math.imul(hash, 31) + key.charCodeAt(at)) | 0
  return hash & 0x7fffffff
}

const hashes: Readonly<Record<HashingScheme, (key: string) => number>> = {
  Murmur3_32Hash: murmur3,
  JavaStringHash: javaStringHash,
}

type Routing = Pick<
  ProducerSettings,
  'hashingScheme' | 'messageRoutingMode' | 'messageRouter' | 'batchingEnabled'
>

/** The router the options ask for: the same key always to the same partition, unless it is custom. */
export const routerFor = (settings: Routing): MessageRouter => {
  if (settings.messageRouter) return settings.messageRouter
  const hash = hashes[settings.hashingScheme ?? 'Murmur3_32Hash']
  const keyless = keylessPicks(settings)
  return ({ partitionKey }, { numPartitions }) =>
    partitionKey === undefined ? keyless(numPartitions) : hash(partitionKey) % numPartitions
}

const keylessPicks = ({ messageRoutingMode, batchingEnabled }: Routing) => {
  if (messageRoutingMode === 'UseSinglePartition') return singlePick()
  return batchingEnabled ? turnPicks() : eachPicks()
}

const singlePick = () => {
  const random = Math.random()
  let picked: number | undefined
  return (partitions: number) => (picked ??= Math.floor(random * partitions))
}

const eachPicks = () => {
  let next = -1
  return (partitions: number) => (next = (next + 1) % partitions)
}

/** Another partition with each turn of the event loop, so that a turn still makes one batch. */
const turnPicks = () => {
  const pick = eachPicks()
  let current: number | undefined
  return (partitions: number) => {
    if (current === undefined) {
      current = pick(partitions)
      setImmediate(() => (current = undefined))
    }
    return current
  }
}

/** The partition `router` picks; throws `invalid-argument` when there is none such. */
export const route = (router: MessageRouter, message: ProducerMessage, partitions: number) => {
  const index = router(message, { numPartitions: partitions })
  if (Number.isInteger(index) && index >= 0 && index < partitions) return index
  throw new PulsarError(
    'invalid-argument',
    `The message router picked partition ${index} of ${partitions}.`,
  )
}
