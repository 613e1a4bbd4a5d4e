import { Client } from '../client.ts'
import type { ProducerMessage, ProducerOptions } from '../producer/options.ts'
import type { Body } from '../wire/commands.ts'
import type { Entry } from '../wire/frame-reader.ts'
import { fakeBroker, type FakeBroker, type Script } from './fake-broker.ts'

export interface Stored {
  readonly send: Body<'send'>
  readonly entry: Entry | undefined
}

/** Stores every entry and answers with its place. */
export const storing = (stored: Stored[]): Script => ({
  send: (session, send, entry) => {
    stored.push({ send, entry })
    session.tell('sendReceipt', {
      producerId: send.producerId,
      sequenceId: send.sequenceId,
      messageId: { ledgerId: 1, entryId: stored.length - 1 },
    })
  },
})

export const setUp = async (script: Script, options: Partial<ProducerOptions> = {}) => {
  const broker = await fakeBroker(script)
  const client = new Client({ serviceUrl: broker.url, operationTimeoutSeconds: 2 })
  const producer = await client.createProducer({ topic: 't', ...options })
  return {
    broker,
    client,
    producer,
    [Symbol.asyncDispose]: async () => {
      const closing = client.close()
      await broker[Symbol.asyncDispose]()
      await closing
    },
  }
}

export const message = (more: Partial<ProducerMessage> = {}): ProducerMessage => ({
  data: new Uint8Array(10),
  ...more,
})
export const ids = (stored: readonly Stored[]) =>
  stored.map(({ send }) => [send.sequenceId, send.highestSequenceId ?? send.sequenceId])
export const requests = (broker: FakeBroker, type: string) =>
  broker.received.filter((command) => command.type === type).map(({ body }) => body)
