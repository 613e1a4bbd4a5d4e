import { setTimeout as pause } from 'node:timers/promises'
import { verifierOf } from '../shared/identity/verifier-of.ts'
import type { Publisher } from '../shared/messaging/port.ts'
import type { Database } from '../shared/postgres/database.ts'
import { type OutcomeWatcher, outcomeWatcher } from '../shared/receipts/outcomes.ts'
import { readReceipt } from '../shared/receipts/read-receipt.ts'
import { showReceipt } from '../shared/receipts/routes.ts'
import type { Role, RoleContext } from '../shared/runtime/role.ts'
import { type Server, serve } from '../shared/runtime/serve.ts'
import { publicUrls, required } from '../shared/runtime/settings.ts'
import { type CommandAppOptions, commandApp } from './app.ts'
import { dispatcher } from './dispatch.ts'
import { keepHouse } from './housekeeping.ts'
import { claimsIn } from './idempotency/claims.ts'
import { passwords } from './passwords.ts'
import { readiness } from './readiness.ts'
import { commandSender } from './send-command.ts'
import { attemptsIn } from './sessions/attempts.ts'
import { logIn } from './sessions/log-in.ts'
import { issuerOf } from './trust.ts'

/** The role `command-api`: takes commands over HTTP and hands them to the broker. Throws `PortTaken`. */
export const commandApi = async (context: RoleContext): Promise<Role> => {
  const { settings, logger } = context
  const [broker, database] = await Promise.all([context.broker(), context.writeDatabase()])
  const watcher = outcomeWatcher({ broker, logger, read: (id) => readReceipt(database, id) })
  const publisher = broker.publisher()
  const state: State = { draining: false, port: settings.commandPort }
  const check = () => readiness(broker, database)
  let server: Server
  try {
    const parts = { context, database, watcher, publisher, state, check }
    const app = commandApp(optionsOf(parts))
    server = serve({
      fetch: (request, peer) => app.fetch(request, peer),
      host: settings.host,
      port: settings.commandPort,
      setting: 'COMMAND_PORT',
    })
    state.port = server.port
  } catch (error) {
    await Promise.all([watcher.close(), publisher.close()])
    throw error
  }
  const house = keepHouse(chores(database), logger)
  const drain = async () => {
    state.draining = true
    // Whoever waits for a receipt gets the 202 now; the others have their answer in a moment anyway.
    const silenced = watcher.close()
    await server.stop()
    await Promise.all([silenced, publisher.close(), house.stop()])
  }
  let drained: Promise<void> | undefined
  return {
    name: 'command-api',
    urls: { command: server.url },
    check,
    stop: () => (drained ??= drain()),
  }
}

interface State {
  draining: boolean
  /** The one that was given, until the one that is listened on is known. */
  port: number
}

interface Parts {
  readonly context: RoleContext
  readonly database: Database
  readonly watcher: OutcomeWatcher
  readonly publisher: Publisher
  readonly state: State
  readonly check: Role['check']
}

const optionsOf = (parts: Parts): CommandAppOptions => {
  const { database, watcher, state } = parts
  const { settings, logger, metrics } = parts.context
  const ticketSecret = required(settings, 'ticketSecret')
  const credentialKey = required(settings, 'credentialKey')
  const links = () => publicUrls({ ...settings, commandPort: state.port })
  const hashing = passwords()
  return {
    logger,
    metrics,
    send: commandSender({
      dispatch: dispatcher({ publisher: parts.publisher }),
      claims: claimsIn(database),
      ticketSecret,
      links,
      async finished(commandId, milliseconds, signal) {
        const receipt = await watcher.waitFor(commandId, milliseconds, signal)
        return receipt && showReceipt(links().query, receipt)
      },
    }),
    passwords: hashing,
    credentialKey,
    sessions: {
      logIn: logIn({ database, passwords: hashing, credentialKey, pause }),
      issuer: issuerOf(settings),
    },
    receipts: { watcher, secret: ticketSecret, auth: settings.auth, queryUrl: links().query },
    ops: { checks: parts.check, draining: () => state.draining, metrics },
    document: { title: 'AeroAlpes commands', version: '1' },
    verifier: verifierOf(settings),
  }
}

const chores = (database: Database) => ({
  'old idempotency keys': () => claimsIn(database).purge(),
  'old login attempts': () => attemptsIn(database).purge(),
})
