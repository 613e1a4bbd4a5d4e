import { reservationEvents } from '../../shared/contracts/reservations.ts'
import { subscriptions } from '../../shared/contracts/topology.ts'
import { fromMessage } from '../../shared/messaging/envelope.ts'
import type { Broker, Publisher, ReceivedMessage } from '../../shared/messaging/port.ts'
import type { Client } from '../../shared/pulsar/client.ts'
import { Schema } from '../../shared/pulsar/schema/schema.ts'
import { putAside } from './dead-letters.ts'
import type { Route } from './forwarding.ts'
import { toAtributos, toEvento } from './mapper.ts'
import { type EventoReservaCreada, eventosReserva } from './neighbours.ts'

const { ReservationCreated } = reservationEvents
const subscription = subscriptions.bridge

/** Every reservation that was created here, told to the tutorial's neighbours in their own words. */
export const toNeighbours = async (
  broker: Broker,
  client: Client,
  publisher: Publisher,
): Promise<Route<ReceivedMessage>> => {
  const producer = await client.createProducer({
    topic: eventosReserva.topic,
    schema: Schema.avro<EventoReservaCreada>(eventosReserva.schema),
  })
  const topics = [ReservationCreated.topic]
  const consumer = await broker
    .subscribe({ topics, subscription, type: 'Failover' })
    .catch(async (error: unknown) => {
      await producer.close()
      throw error
    })
  return {
    receive: (signal) => consumer.receive(100, signal),
    async carry(message) {
      const event = fromMessage(message)
      const value = toEvento(event)
      if (!value) return
      await producer.send({
        value,
        properties: toAtributos(event, new Date()),
        eventTimestamp: Date.parse(event.time),
      })
    },
    putAside: (message, why) => putAside(publisher, { ...message, subscription }, why),
    acknowledge: (messages) => consumer.acknowledge(messages),
    async close() {
      await Promise.all([consumer.close(), producer.close()])
    },
  }
}
