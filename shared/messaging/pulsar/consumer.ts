import type { Consumer, SubscribeOptions } from '../port.ts'
import { fateOf } from './fates.ts'
import type { Delivery, PulsarDriver } from './driver.ts'
import { Reading } from './reading.ts'
import type { Part } from './topics.ts'

export interface PulsarConsumerOptions<Raw extends Delivery> extends SubscribeOptions {
  readonly parts: readonly Part[]
  readonly driver: Pick<PulsarDriver<Raw>, 'subscribe'>
  onUnreadable(error: Error, part: Part): void
}

/** A consumer that the broker is looked after for, from time to time. */
export interface WatchedConsumer extends Consumer {
  /** Tells who waits when the broker is away, and goes on when it is back. */
  look(): void
}

/** One consumer over all partitions of its topics. Rejects with fates; nothing stays open then. */
export const pulsarConsumer = async <Raw extends Delivery>(
  options: PulsarConsumerOptions<Raw>,
): Promise<WatchedConsumer> => {
  const reading = new Reading(options)
  try {
    await reading.open()
  } catch (error) {
    await reading.close()
    throw fateOf(error, options.topics.join())
  }
  let closing: Promise<void> | undefined
  return {
    receive: (max, signal) => reading.receive(max, signal),
    acknowledge: (messages) => reading.acknowledge(messages),
    negativeAcknowledge: async (messages) => reading.giveBack(messages),
    seek: (position) => reading.seek(position),
    ...(reading.canNoteEnd ? { noteEnd: () => reading.noteEnd() } : {}),
    look: () => reading.look(),
    close: () => (closing ??= reading.close()),
  }
}
