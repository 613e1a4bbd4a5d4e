import { Misuse } from '../../kernel/fates.ts'

/** The part of npm `pulsar-client` 1.18 that is used here, as its index.d.ts has it. */
export interface Addon {
  readonly Client: new (config: Readonly<Record<string, unknown>>) => AddonClient
  readonly AuthenticationToken: new (params: {
    readonly token: string | (() => Promise<string>)
  }) => object
  readonly MessageId: {
    earliest(): AddonMessageId
    latest(): AddonMessageId
    deserialize(data: Buffer): AddonMessageId
  }
}

export interface AddonClient {
  createProducer(config: Readonly<Record<string, unknown>>): Promise<AddonProducer>
  subscribe(config: Readonly<Record<string, unknown>>): Promise<AddonConsumer>
  createReader(config: Readonly<Record<string, unknown>>): Promise<AddonReader>
  getPartitionsForTopic(topic: string): Promise<string[]>
  close(): Promise<unknown>
}

export interface AddonMessageId {
  /** `(ledger,entry,partition,batchIndex)` */
  toString(): string
}

export interface AddonMessage {
  getProperties(): Readonly<Record<string, string>>
  getData(): Buffer
  getMessageId(): AddonMessageId
  getPublishTimestamp(): number
  getEventTimestamp(): number
  getRedeliveryCount(): number
  getPartitionKey(): string
}

interface AddonProducer {
  send(message: Readonly<Record<string, unknown>>): Promise<AddonMessageId>
  close(): Promise<unknown>
}

interface AddonReader {
  isConnected(): boolean
  seek(id: AddonMessageId): Promise<unknown>
  seekTimestamp(timestamp: number): Promise<unknown>
  close(): Promise<unknown>
}

interface AddonConsumer extends AddonReader {
  acknowledge(message: AddonMessage): Promise<unknown>
}

/**
 * Loads the native addon, which is in the checkout only after its own installation has fetched it.
 * Throws `Misuse` slug `official-client-missing` with the command that does.
 */
export const loadAddon = async (
  load: () => Promise<unknown> = () => import('pulsar-client'),
): Promise<Addon> => {
  try {
    const loaded = (await load()) as { default?: Addon }
    return loaded.default ?? (loaded as Addon)
  } catch (cause) {
    throw new Misuse(
      'official-client-missing',
      'PULSAR_CLIENT=official needs the binary of pulsar-client, which is not here. Fetch it with `bun pm trust pulsar-client` (it comes from outside the package registry; where ./aero has brought its own Bun, that is .aero/bun/node_modules/.bin/bun), or leave PULSAR_CLIENT at native.',
      { cause },
    )
  }
}
