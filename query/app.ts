import type { EdgeApp } from '../shared/http/edge-env.ts'
import { documentRoutes } from '../shared/http/documents.ts'
import { edgeApp } from '../shared/http/edge.ts'
import { opsRoutes } from '../shared/http/ops.ts'
import { mountRoutes } from '../shared/http/route.ts'
import { authenticate, requireCaller } from '../shared/identity/bearer.ts'
import type { TokenVerifier } from '../shared/identity/token-verifier.ts'
import { type ReceiptRouteOptions, receiptRoutes } from '../shared/receipts/routes.ts'
import type { Check } from '../shared/runtime/role.ts'
import type { Logger } from '../shared/telemetry/logger.ts'
import type { Metrics } from '../shared/telemetry/metrics.ts'
import { flightRoutes } from './flights/http.ts'
import type { ReadSide } from './http/read-side.ts'
import { notificationRoutes } from './notifications/http.ts'
import { orderRoutes } from './orders/http.ts'
import { orderList } from './orders/order.find.ts'
import { productRoutes } from './products/http.ts'
import { reservationRoutes } from './reservations/http.ts'
import { reservationList } from './reservations/reservation.find.ts'
import { userRoutes } from './users/http.ts'
import { userOrderRoutes } from './users/user-orders.http.ts'
import { userReservationRoutes } from './users/user-reservations.http.ts'

export interface QueryAppOptions {
  readonly readSide: ReadSide
  readonly receipts: ReceiptRouteOptions
  /** Who bearers of tokens are: with AUTH=jwt. */
  readonly verifier?: TokenVerifier
  /** Mails are shown where no mail server sends them. */
  readonly showMails: boolean
  readonly checks: () => Promise<readonly Check[]>
  readonly draining: () => boolean
  readonly logger: Logger
  readonly metrics: Metrics
}

/** The query side's HTTP application. */
export function queryApp(options: QueryAppOptions): EdgeApp {
  const { readSide, verifier } = options
  const app = edgeApp({ name: 'query-api', logger: options.logger, metrics: options.metrics })
  mountRoutes(app, opsRoutes(options))
  if (verifier)
    app.use(
      authenticate(verifier),
      requireCaller((_method, path) => !secured(path)),
    )
  mountRoutes(app, [
    ...reservationRoutes(readSide),
    ...flightRoutes(readSide),
    ...productRoutes(readSide),
    ...orderRoutes(readSide),
    ...userRoutes(readSide),
    ...userOrderRoutes(readSide, orderList(readSide)),
    ...userReservationRoutes(readSide, reservationList(readSide)),
    ...(options.showMails ? notificationRoutes(readSide) : []),
    ...receiptRoutes(options.receipts),
  ])
  documentRoutes(app, { title: 'AeroAlpes, reading', version: '1' })
  return app
}

// Receipts ask for themselves: a registration is followed by whoever holds its ticket.
const secured = (path: string) => /^\/(reservations|users|orders|notifications)(\/|$)/.test(path)
