import { type DocumentInfo, documentRoutes } from '../shared/http/documents.ts'
import { edgeApp } from '../shared/http/edge.ts'
import type { EdgeApp } from '../shared/http/edge-env.ts'
import { type OpsOptions, opsRoutes } from '../shared/http/ops.ts'
import { type Route, mountRoutes } from '../shared/http/route.ts'
import { authenticate, requireCaller } from '../shared/identity/bearer.ts'
import type { TokenVerifier } from '../shared/identity/token-verifier.ts'
import { type ReceiptRouteOptions, receiptRoutes } from '../shared/receipts/routes.ts'
import type { Logger } from '../shared/telemetry/logger.ts'
import type { Metrics } from '../shared/telemetry/metrics.ts'
import type { Passwords } from './passwords.ts'
import { orderRoutes } from './orders/http.ts'
import { productRoutes } from './products/http.ts'
import { flightRoutes } from './reservations/flights.http.ts'
import { reservationRoutes } from './reservations/http.ts'
import { addressLimit } from './sessions/address-limit.ts'
import { type SessionRouteOptions, sessionRoutes } from './sessions/http.ts'
import type { SendCommand } from './submission.ts'
import { userRoutes } from './users/http.ts'

export interface CommandAppOptions {
  readonly logger: Logger
  readonly metrics: Metrics
  readonly send: SendCommand
  readonly passwords: Passwords
  readonly credentialKey: string
  readonly sessions: SessionRouteOptions
  readonly receipts: ReceiptRouteOptions
  readonly ops: OpsOptions
  readonly document: DocumentInfo
  /** Absent with AUTH=off. */
  readonly verifier?: TokenVerifier | undefined
}

/** The write side's application: its routes are its table of contents. */
export const commandApp = (options: CommandAppOptions): EdgeApp => {
  const { logger, metrics, send, passwords, credentialKey, verifier } = options
  const app = edgeApp({ name: 'command-api', logger, metrics })
  mountRoutes(app, opsRoutes(options.ops))
  documentRoutes(app, options.document)
  if (verifier) app.use(authenticate(verifier), requireCaller(isOpen))
  app.use('/sessions', addressLimit())
  const routes: readonly Route[] = [
    ...reservationRoutes(send),
    ...flightRoutes(send),
    ...productRoutes(send),
    ...orderRoutes(send),
    ...userRoutes({ send, passwords, credentialKey }),
    ...sessionRoutes(options.sessions),
    ...receiptRoutes(options.receipts),
  ]
  mountRoutes(app, routes)
  return app
}

/** Where nobody needs a token. A receipt is shown to whom its own route finds fit. */
const isOpen = (method: string, path: string): boolean =>
  (method === 'POST' && (path === '/users' || path === '/sessions')) ||
  (method === 'GET' && /^\/commands\/[^/]+$/.test(path))
