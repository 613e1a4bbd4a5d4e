import type { Envelope } from '../../shared/messaging/envelope.ts'
import { readStream } from '../../uow/event-log.ts'
import type { WriteModel } from '../../uow/handler.ts'
import { bankCommand } from './uow-bank.ts'
import { type Bank, openBank } from './uow-harness.ts'
import { AddItem, CreateOrder, ordersOf, orderModel } from './uow-orders.ts'

export const orderModule = ordersOf().name

/** The bank with orders beside it, and what can be seen of these from outside. */
export interface OrderHouse extends Bank {
  clear(): Promise<void>
  /** After each event of one order, as the log has it. Throws where the versions have a gap. */
  totals(id: string): Promise<readonly number[]>
  /** What the unit of work keeps of its own, not of what happened. */
  streams(): Promise<readonly { id: string; version: number }[]>
  snapshots(): Promise<readonly { id: string; version: number; state_version: number }[]>
}

export const openOrderHouse = async (model: WriteModel = orderModel()): Promise<OrderHouse> => {
  const bank = await openBank(model)
  return {
    ...bank,
    async clear() {
      await bank.database.query(
        `TRUNCATE bank.account, bank.book, bank.ledger, uow.event, uow.stream, uow.snapshot, uow.receipt,
         uow.claim, delivery.outbox`,
      )
    },
    async totals(id) {
      const events = await readStream(bank.database, orderModule, id)
      events.forEach(({ version }, index) => {
        if (version !== index + 1) throw new Error(`event ${index + 1} of ${id} has ${version}`)
      })
      return events.map(({ data }) => (data as { total: number }).total)
    },
    streams: () => bank.database.query('SELECT id, version FROM uow.stream ORDER BY id'),
    snapshots: () =>
      bank.database.query('SELECT id, version, state_version FROM uow.snapshot ORDER BY id'),
  }
}

export const createOrder = (id: string, total = 0, more: Partial<Envelope> = {}): Envelope =>
  bankCommand(CreateOrder, { id, total, currency: 'EUR' }, more)

export const addItem = (id: string, price = 1, more: Partial<Envelope> = {}): Envelope =>
  bankCommand(AddItem, { id, price }, more)

export const addUnlocked = (id: string, price = 1): Envelope =>
  bankCommand(AddItem, { id, price, mode: 'optimistic' })

/** Holds the streams of these ids, for `whileHeld`. */
export const holdingStreams = 'SELECT FROM uow.stream WHERE id = ANY($1::text[]) FOR UPDATE'
