import { publishedKeys } from '../shared/identity/published-keys.ts'
import { type TokenVerifier, tokenVerifier } from '../shared/identity/token-verifier.ts'
import type { Database } from '../shared/postgres/database.ts'
import { outcomeWatcher } from '../shared/receipts/outcomes.ts'
import { readReceipt } from '../shared/receipts/read-receipt.ts'
import type { Check, Role, RoleContext } from '../shared/runtime/role.ts'
import { serve } from '../shared/runtime/serve.ts'
import { publicUrls, required, type Settings } from '../shared/runtime/settings.ts'
import { queryApp } from './app.ts'
import { type BacklogOf, backlogReader } from './projection/lag.ts'

/** Answers questions from the views, and what became of commands. */
export async function startQueryApi(context: RoleContext): Promise<Role> {
  const { settings, logger, metrics } = context
  const [broker, database, writeSide] = await Promise.all([
    context.broker(),
    context.readDatabase(),
    context.writeDatabase(),
  ])
  const watcher = outcomeWatcher({ broker, logger, read: (id) => readReceipt(writeSide, id) })
  const { query: url } = publicUrls(settings)
  const secret = required(settings, 'ticketSecret')
  const backlogOf = backlogReader(broker)
  const verifier = verifierOf(settings)
  const state = { draining: false }
  const check = async () => [...(await readable(database)), ...(await lags(backlogOf))]
  const app = queryApp({
    readSide: { database, auth: settings.auth, backlogOf },
    receipts: { watcher, queryUrl: url, secret, auth: settings.auth },
    ...(verifier ? { verifier } : {}),
    showMails: settings.smtpUrl === undefined,
    checks: check,
    draining: () => state.draining,
    logger,
    metrics,
    url,
  })
  const server = serve({
    fetch: (request, peer) => app.fetch(request, peer),
    host: settings.host,
    port: settings.queryPort,
    setting: 'QUERY_PORT',
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

const verifierOf = (settings: Settings): TokenVerifier | undefined => {
  if (settings.auth === 'off') return undefined
  const { jwksUrl, jwtIssuer: issuer, jwtAudience: audience } = settings
  return jwksUrl
    ? tokenVerifier({ keys: publishedKeys({ url: jwksUrl }), issuer, audience })
    : tokenVerifier({ secret: required(settings, 'jwtSecret'), issuer, audience })
}

const readable = async (database: Database): Promise<readonly Check[]> => {
  try {
    await database.query('SELECT FROM read.reservations LIMIT 0')
    return [{ name: 'read database', ok: true }]
  } catch {
    return [{ name: 'read database', ok: false, detail: 'away, or without its migrations' }]
  }
}

const modules = ['reservations', 'users']
/** About ten seconds of projecting. */
const tooMany = 10_000

// A broker that does not answer is no reason to take no questions: what is in the views can be read.
const lags = (backlogOf: BacklogOf): Promise<readonly Check[]> =>
  Promise.all(
    modules.map(async (module) => {
      const backlog = await backlogOf(module)
      const detail = backlog === null ? 'not known' : `${backlog} events wait`
      return { name: `lag of ${module}`, ok: (backlog ?? 0) < tooMany, detail }
    }),
  )
