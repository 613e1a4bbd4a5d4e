import pino from 'pino'
import { projectorWork } from '../../query/projection/projector.work.ts'
import type { Stream } from '../../query/projection/view.ts'
import { commands, eventTopics } from '../../shared/contracts/topology.ts'
import { consumeBatches } from '../../shared/delivery/batch-consumer.ts'
import { startRelay } from '../../shared/delivery/relay.ts'
import { embeddedBroker } from '../../shared/embedded/broker/embedded-broker.ts'
import { newId } from '../../shared/kernel/ids.ts'
import { type Envelope, toMessage } from '../../shared/messaging/envelope.ts'
import { ensureTopology } from '../../shared/messaging/topology.ts'
import { openDatabase } from '../../shared/postgres/database.ts'
import type { WriteModel } from '../../uow/handler.ts'
import { commandWorker } from '../../uow/worker.ts'
import { testDatabase } from '../support/postgres.ts'
import { until } from '../support/until.ts'
import { commandOf } from '../support/write-side.ts'

interface Ended {
  readonly command_id: string
  readonly status: string
  readonly problem: { readonly type: string } | null
}

/** Both sides on a database and a broker of their own; each part in whichever build a test wants. */
export const openHouse = async () => {
  const home = await testDatabase()
  const database = openDatabase(home.url, { name: 'evolution', max: 16 })
  const broker = embeddedBroker({ database })
  await ensureTopology(broker, 4)
  const parts = { broker, database, logger: pino({ level: 'silent' }) }

  return {
    database,
    broker,
    worker: (model: WriteModel) =>
      commandWorker({ ...parts, model, patience: { retryPauseMs: 5 } }),
    relay: () => startRelay({ ...parts, fenced: eventTopics }),
    projector: (streams: readonly Stream[]) =>
      consumeBatches({
        ...parts,
        subscription: 'projector',
        topics: eventTopics,
        work: projectorWork({ streams }),
      }),
    producer(topic = commands.CreateOrder.topic) {
      const publisher = broker.publisher()
      return (envelope: Envelope) => publisher.publish(topic, toMessage(envelope))
    },
    /** How each of them ended, or `undefined` for one that waits, once `many` have. */
    async ends(envelopes: readonly Envelope[], many = envelopes.length) {
      const ids = envelopes.map(({ id }) => id)
      const rows = await until(async () => {
        const found = await database.query<Ended>(
          `SELECT command_id, status, problem FROM uow.receipt
           WHERE command_id = ANY($1::text[]) AND finished_at IS NOT NULL`,
          [ids],
        )
        return found.length >= many && found
      })
      const byId = new Map((rows || []).map((row) => [row.command_id, row]))
      return ids.map((id) => {
        const row = byId.get(id)
        return row?.problem?.type.split(':').at(-1) ?? row?.status
      })
    },
    async close() {
      await broker.close()
      await database.close()
      await home.drop()
    },
  }
}

export type House = Awaited<ReturnType<typeof openHouse>>

export const productNamed = (sku: string) => {
  const product_id = newId()
  const money = { price: 16.25, currency: 'EUR' }
  const product = { product_id, sku, name: sku, description: null, stock: 1000 }
  return commandOf('CreateProduct', product_id, { ...product, ...money })
}

export const cancelling = (order_id: string) => commandOf('CancelOrder', order_id, { order_id })

/** A command to create an order, of a type that somebody else's build may have. */
export const creating = (order_id: string, type: string, more: object = {}): Envelope => {
  const command = commandOf('CancelOrder', order_id, { order_id })
  const data = {
    order_id,
    customer_id: 'customer-1',
    items: [{ sku: 'prod-1', quantity: 2 }],
    shipping_address: null,
    payment_method: null,
    locale: null,
    ...more,
  }
  return { ...command, type, data }
}
