import { verifierOf } from '../shared/identity/verifier-of.ts'
import { outcomeWatcher } from '../shared/receipts/outcomes.ts'
import { readReceipt } from '../shared/receipts/read-receipt.ts'
import type { Role, RoleContext } from '../shared/runtime/role.ts'
import { serve } from '../shared/runtime/serve.ts'
import { publicUrls, required } from '../shared/runtime/settings.ts'
import { queryApp } from './app.ts'
import { backlogReader } from './projection/lag.ts'
import { readiness } from './readiness.ts'

/** Answers questions from the views, and what became of commands. Throws `PortTaken`. */
export async function startQueryApi(context: RoleContext): Promise<Role> {
  const { settings, logger, metrics } = context
  const [broker, database, writeSide] = await Promise.all([
    context.broker(),
    context.readDatabase(),
    context.writeDatabase(),
  ])
  const secret = required(settings, 'ticketSecret')
  const verifier = verifierOf(settings)
  const state = { draining: false }
  // First, since it may throw and tells the port; no request is read before the app is there.
  const server = serve({
    fetch: (request, peer) => app.fetch(request, peer),
    host: settings.host,
    port: settings.queryPort,
    setting: 'QUERY_PORT',
  })
  const { query: url } = publicUrls({ ...settings, queryPort: server.port })
  const watcher = outcomeWatcher({ broker, logger, read: (id) => readReceipt(writeSide, id) })
  const backlogOf = backlogReader(broker)
  const check = () => readiness(database, backlogOf)
  const app = queryApp({
    readSide: { database, auth: settings.auth, backlogOf },
    receipts: { watcher, queryUrl: url, secret, auth: settings.auth },
    ...(verifier ? { verifier } : {}),
    showMails: settings.smtpUrl === undefined,
    checks: check,
    draining: () => state.draining,
    logger,
    metrics,
  })
  return {
    name: 'query-api',
    urls: { query: server.url },
    check,
    async stop() {
      state.draining = true
      await Promise.all([watcher.close(), server.stop()])
    },
  }
}
