import { z } from 'zod'
import type { OrderHistoryRow } from './order.table.ts'

export const historyJson = z
  .object({
    id: z.guid(),
    module: z.string(),
    type: z.string(),
    data: z.record(z.string(), z.unknown()),
    time: z.iso.datetime(),
    version: z.number().int().meta({ description: 'of the thing that it happened to' }),
    correlation_id: z.string().meta({ description: 'the same for all that one request led to' }),
    causation_id: z
      .string()
      .nullable()
      .meta({ description: 'the event or timer that led to it, or the command of a caller' }),
  })
  .meta({ id: 'OrderEvent' })

export const showEvent = (row: OrderHistoryRow): z.output<typeof historyJson> => ({
  id: row.id,
  module: row.module,
  type: row.type,
  data: { ...row.data },
  time: row.time.toISOString(),
  version: row.version,
  correlation_id: row.correlation_id,
  causation_id: row.causation_id,
})

export const exampleEvent = {
  id: '6f1c2a52-6a0e-5d3c-9a3e-0f3e6f6f2a10',
  module: 'orders',
  type: 'aeroalpes.orders.OrderCancelled.v1',
  data: { order_id: '0197f1aa-5c1e-7d3a-8b9e-3a4b5c6d7e8f', reason: 'plans changed' },
  time: '2026-11-20T10:00:03.000Z',
  version: 2,
  correlation_id: '019aa3c4-5b7e-7c1d-8e2f-3a4b5c6d7e8f',
  causation_id: '019aa3c4-5b7e-7c1d-8e2f-3a4b5c6d7e8f',
}
