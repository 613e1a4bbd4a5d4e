import { CreateReservation } from '../../shared/contracts/reservations.ts'
import { Poison } from '../../shared/kernel/fates.ts'
import { toMessage } from '../../shared/messaging/envelope.ts'
import type { Publisher } from '../../shared/messaging/port.ts'
import type { Client } from '../../shared/pulsar/client.ts'
import type { Message } from '../../shared/pulsar/consumer/message.ts'
import { PulsarError } from '../../shared/pulsar/errors.ts'
import { formatMessageId } from '../../shared/pulsar/message-id.ts'
import { Schema } from '../../shared/pulsar/schema/schema.ts'
import { putAside } from './dead-letters.ts'
import type { Route } from './forwarding.ts'
import { toCreateReservation } from './mapper.ts'
import { type ComandoCrearReserva, comandosReserva } from './neighbours.ts'

type Comando = Message<ComandoCrearReserva>

/** Every reservation that a neighbour asks for, made a command of ours. */
export const fromNeighbours = async (
  client: Client,
  publisher: Publisher,
): Promise<Route<Comando>> => {
  const { topic, subscription, schema } = comandosReserva
  const consumer = await client.subscribe({
    topic,
    subscription,
    subscriptionType: 'Shared',
    subscriptionInitialPosition: 'Earliest',
    schema: Schema.avro<ComandoCrearReserva>(schema),
  })
  return {
    async receive(signal) {
      const stop = () => void consumer.close()
      signal.addEventListener('abort', stop, { once: true })
      try {
        return signal.aborted ? [] : [await consumer.receive()]
      } finally {
        signal.removeEventListener('abort', stop)
      }
    },
    async carry(message) {
      const command = toCreateReservation(await valueOf(message), idOf(message), sentAt(message))
      await publisher.publish(CreateReservation.topic, toMessage(command))
    },
    putAside: (message, why) =>
      putAside(
        publisher,
        {
          topic: message.getTopicName(),
          subscription,
          id: idOf(message),
          key: message.getPartitionKey() ?? idOf(message),
          payload: message.getData(),
          properties: message.getProperties(),
        },
        why,
      ),
    async acknowledge(messages) {
      await Promise.all(messages.map((message) => consumer.acknowledge(message)))
    },
    close: () => consumer.close(),
  }
}

const idOf = (message: Comando) => formatMessageId(message.getMessageId())
const sentAt = (message: Comando) => new Date(message.getPublishTimestamp())

const valueOf = async (message: Comando): Promise<ComandoCrearReserva> => {
  try {
    return await message.getValue()
  } catch (error) {
    if (!(error instanceof PulsarError) || error.code !== 'unreadable-value') throw error
    throw new Poison('unreadable-message', error.message, { cause: error })
  }
}
