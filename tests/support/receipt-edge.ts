import type { Caller } from '../../shared/http/edge-env.ts'
import { edgeApp } from '../../shared/http/edge.ts'
import { mountRoutes } from '../../shared/http/route.ts'
import { createLogger } from '../../shared/telemetry/logger.ts'
import { createMetrics } from '../../shared/telemetry/metrics.ts'
import { outcomeWatcher, type OutcomeWatcher } from '../../shared/receipts/outcomes.ts'
import type { StoredReceipt } from '../../shared/receipts/read-receipt.ts'
import { receiptRoutes, type ReceiptRouteOptions } from '../../shared/receipts/routes.ts'
import { signTicket } from '../../shared/receipts/ticket.ts'
import { scriptedBroker } from './receipts.ts'

const secret = 'a secret of thirty-two characters'
const logger = createLogger({ level: 'silent', name: 'test' })
const opened: OutcomeWatcher[] = []
/** Ends every watcher that `receiptEdge` began. */
export const closeWatchers = async (): Promise<void> => {
  await Promise.all(opened.splice(0).map((watcher) => watcher.close()))
}

/** The receipt routes over rows in memory and a broker that does what it is told. */
export const receiptEdge = (
  rows: readonly StoredReceipt[] = [],
  options: Partial<ReceiptRouteOptions> & { readonly caller?: Caller } = {},
) => {
  const table = new Map(rows.map((row) => [row.command_id, row]))
  const broker = scriptedBroker()
  const watcher = outcomeWatcher({ broker, logger, read: async (id) => table.get(id) })
  opened.push(watcher)
  const app = edgeApp({ name: 'test', logger, metrics: createMetrics({ process: false }) })
  app.use(async (c, next) => {
    if (options.caller) c.set('caller', options.caller)
    await next()
  })
  mountRoutes(
    app,
    receiptRoutes({ watcher, secret, auth: 'off', queryUrl: 'http://q:8001', ...options }),
  )
  return { app, table, broker, watcher }
}

/** The same where nobody reads rows; resolves when the broker is listened to. */
export const edgeWithoutRows = async (options: Partial<ReceiptRouteOptions>) => {
  const broker = scriptedBroker()
  const watcher = outcomeWatcher({ broker, logger })
  opened.push(watcher)
  await broker.heard
  const app = edgeApp({ name: 'test', logger, metrics: createMetrics({ process: false }) })
  const queryUrl = 'http://q:8001'
  mountRoutes(app, receiptRoutes({ watcher, secret, auth: 'off', queryUrl, ...options }))
  return { app, broker, watcher }
}

export const ticketOf = (receipt: StoredReceipt) =>
  signTicket(secret, { ...receipt, target_id: receipt.id })
export const locationOf = (receipt: StoredReceipt) =>
  `/commands/${receipt.command_id}?ticket=${ticketOf(receipt)}`
